using System.Collections.Immutable;

namespace HpcTrain.Collectives;

/// <summary>Writes one rank's program: open lanes, add instructions to them, build.</summary>
public sealed class ProgramBuilder
{
    private readonly List<LaneBuilder> _lanes = [];

    /// <summary>Opens the next lane.</summary>
    /// <param name="channel">The lane's channel, see <see cref="Lane.Channel"/>.</param>
    public LaneBuilder Lane(int channel = 0)
    {
        var lane = new LaneBuilder(_lanes.Count, channel);
        _lanes.Add(lane);
        return lane;
    }

    /// <summary>The program as written so far.</summary>
    public RankProgram Build() => new([.. _lanes.Select(lane => lane.Build())]);
}

/// <summary>Writes one lane. Each method adds an instruction and returns its name, for others to wait for.</summary>
public sealed class LaneBuilder
{
    private readonly int _position;
    private readonly int _channel;
    private readonly ImmutableArray<Instruction>.Builder _instructions = ImmutableArray.CreateBuilder<Instruction>();
    private readonly ImmutableArray<InstructionId>.Builder _after = ImmutableArray.CreateBuilder<InstructionId>();
    private readonly ImmutableArray<int>.Builder _afterEnds = ImmutableArray.CreateBuilder<int>();

    internal LaneBuilder(int position, int channel)
    {
        _position = position;
        _channel = channel;
    }

    /// <summary>Adds a send of <paramref name="chunks"/> of <paramref name="buffer"/>.</summary>
    public InstructionId Send(int peer, BufferId buffer, ChunkRange chunks, params ReadOnlySpan<InstructionId> after) =>
        Add(new(Operation.Send, chunks, buffer, peer, default), after);

    /// <summary>Adds a receive into <paramref name="chunks"/> of <paramref name="buffer"/>.</summary>
    public InstructionId Recv(int peer, BufferId buffer, ChunkRange chunks, params ReadOnlySpan<InstructionId> after) =>
        Add(new(Operation.Recv, chunks, buffer, peer, default), after);

    /// <summary>Adds a receive that reduces into <paramref name="chunks"/> of <paramref name="buffer"/>.</summary>
    public InstructionId RecvReduce(int peer, BufferId buffer, ChunkRange chunks, params ReadOnlySpan<InstructionId> after) =>
        Add(new(Operation.RecvReduce, chunks, buffer, peer, default), after);

    /// <summary>Adds a copy between two of the rank's buffers.</summary>
    public InstructionId Copy(BufferId from, BufferId to, ChunkRange chunks, params ReadOnlySpan<InstructionId> after) =>
        Add(new(Operation.Copy, chunks, to, -1, from), after);

    /// <summary>Adds a reduction of one of the rank's buffers into another.</summary>
    public InstructionId Reduce(BufferId from, BufferId into, ChunkRange chunks, params ReadOnlySpan<InstructionId> after) =>
        Add(new(Operation.Reduce, chunks, into, -1, from), after);

    /// <summary>Adds any instruction.</summary>
    public InstructionId Add(Instruction instruction, params ReadOnlySpan<InstructionId> after)
    {
        _instructions.Add(instruction);
        foreach (InstructionId id in after)
            _after.Add(id);
        _afterEnds.Add(_after.Count);
        return new(_position, _instructions.Count - 1);
    }

    internal Lane Build() =>
        new(_channel, _instructions.ToImmutable(), _after.ToImmutable(), _afterEnds.ToImmutable());
}

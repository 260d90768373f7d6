using System.Collections.Immutable;

namespace HpcTrain.Collectives;

/// <summary>
/// A list of instructions that take effect in order. The lanes of a program run concurrently; what has to be ordered across
/// lanes says so (<see cref="After"/>).
/// </summary>
/// <remarks>
/// The order is a promise about what can be observed, not a queue: an executor overlaps instructions, segment by segment, as
/// long as it keeps the order of those that touch the same elements and the order of messages on a channel. So a lane that
/// receives a chunk and passes it on is a pipeline.
/// </remarks>
public sealed class Lane
{
    private readonly ImmutableArray<InstructionId> _after;
    private readonly ImmutableArray<int> _afterEnds;

    internal Lane(int channel, ImmutableArray<Instruction> instructions, ImmutableArray<InstructionId> after, ImmutableArray<int> afterEnds)
    {
        Channel = channel;
        Instructions = instructions;
        _after = after;
        _afterEnds = afterEnds;
    }

    /// <summary>
    /// Messages from rank a to rank b on one channel are matched first in, first out. At most one lane of a program sends to a
    /// given peer on a channel, and at most one receives from it. From 0 to <see cref="Schedule.MaxChannels"/> - 1.
    /// </summary>
    public int Channel { get; }

    /// <summary>The instructions, in order.</summary>
    public ImmutableArray<Instruction> Instructions { get; }

    /// <summary>The instructions of other lanes that must have taken effect before this lane's instruction does.</summary>
    public ReadOnlySpan<InstructionId> After(int instruction)
    {
        int start = instruction == 0 ? 0 : _afterEnds[instruction - 1];
        return _after.AsSpan()[start.._afterEnds[instruction]];
    }
}

/// <summary>What one rank does in a schedule: lanes that run concurrently.</summary>
/// <param name="Lanes">The lanes; their positions are the numbers that dependencies use.</param>
public sealed record RankProgram(ImmutableArray<Lane> Lanes)
{
    /// <summary>A program that does nothing.</summary>
    public static RankProgram Empty { get; } = new(ImmutableArray<Lane>.Empty);

    /// <summary>The instruction of that name.</summary>
    public Instruction this[InstructionId id] => Lanes[id.Lane].Instructions[id.Instruction];
}

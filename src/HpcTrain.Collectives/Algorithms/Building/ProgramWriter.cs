using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Writes a rank's program in an order that one thread could run. What has to be ordered across lanes is found out.</summary>
/// <param name="chunks">The number of the schedule's chunks.</param>
internal sealed class ProgramWriter(int chunks)
{
    // Idea. A generator writes instructions down in the order in which a rank that did one thing at a time would do them, and puts each into a
    // lane. Lanes only say what may overlap. Two instructions that touch the same chunk of the same buffer, one of them writing, keep the order in
    // which they were written: where their lanes alone do not keep it, the later one waits for the earlier. So no program that is written here has
    // a race, and none waits for what it need not.
    // Each instruction has a vector clock: for each lane, how many of its instructions come before. A wait that the clock implies is left out;
    // conflicts are looked at latest first, since a late instruction often implies the earlier ones.
    private const int None = -1;

    private readonly ProgramBuilder _program = new();
    private readonly List<int> _lastOfLane = [];
    private readonly List<(InstructionId Id, int[] Clock)> _written = [];
    private readonly Dictionary<int, Chunkwise[]> _buffers = [];
    private readonly List<(int Serial, int Next)> _readers = [];
    private readonly List<int> _conflicts = [];
    private readonly List<InstructionId> _waits = [];

    /// <summary>Makes the schedule of a request from what writes a rank's program. A single rank has nothing to do.</summary>
    public static Schedule MakeSchedule(ScheduleSpec spec, string name, ImmutableArray<Chunk> chunks, Action<ProgramWriter, int> write) =>
        new(spec.Collective, name, spec.Ranks, chunks, rank => Program(spec.Ranks, chunks.Length, rank, write), spec.RootOrNone);

    /// <summary>Opens the next lane.</summary>
    public LaneWriter Lane(int channel = 0)
    {
        _lastOfLane.Add(None);
        return new(this, _program.Lane(channel), _lastOfLane.Count - 1);
    }

    /// <summary>The program as written so far.</summary>
    public RankProgram Build() => _program.Build();

    /// <summary>Adds an instruction to a lane.</summary>
    public void Add(LaneBuilder builder, int lane, Instruction instruction)
    {
        _conflicts.Clear();
        if (!instruction.Operation.IsTransfer())
            Touch(instruction.Source, instruction.Chunks, writes: false);
        Touch(instruction.Buffer, instruction.Chunks, writes: instruction.Operation != Operation.Send);

        var clock = new int[_lastOfLane.Count];
        if (_lastOfLane[lane] != None)
            Join(clock, _lastOfLane[lane]);
        _waits.Clear();
        _conflicts.Sort();
        for (int i = _conflicts.Count - 1; i >= 0; i--)
        {
            InstructionId id = _written[_conflicts[i]].Id;
            if (clock[id.Lane] > id.Instruction)
                continue;
            _waits.Add(id);
            Join(clock, _conflicts[i]);
        }

        _waits.Reverse();
        _lastOfLane[lane] = _written.Count;
        _written.Add((builder.Add(instruction, CollectionsMarshal.AsSpan(_waits)), clock));
    }

    private static RankProgram Program(int ranks, int chunks, int rank, Action<ProgramWriter, int> write)
    {
        if (ranks == 1)
            return RankProgram.Empty;
        var program = new ProgramWriter(chunks);
        write(program, rank);
        return program.Build();
    }

    private void Touch(BufferId buffer, ChunkRange range, bool writes)
    {
        if (!_buffers.TryGetValue(buffer.Index, out Chunkwise[]? states))
        {
            states = new Chunkwise[chunks];
            Array.Fill(states, new(None, None));
            _buffers.Add(buffer.Index, states);
        }

        foreach (ref Chunkwise chunk in states.AsSpan(range.First, range.Count))
        {
            Conflict(chunk.Writer);
            for (int reader = writes ? chunk.Readers : None; reader != None; reader = _readers[reader].Next)
                Conflict(_readers[reader].Serial);
            if (writes)
            {
                chunk = new(_written.Count, None);
            }
            else
            {
                _readers.Add((_written.Count, chunk.Readers));
                chunk = chunk with { Readers = _readers.Count - 1 };
            }
        }
    }

    private void Conflict(int serial)
    {
        // Neighbouring chunks usually have the same history.
        if (serial != None && serial != _written.Count && (_conflicts.Count == 0 || _conflicts[^1] != serial))
            _conflicts.Add(serial);
    }

    private void Join(int[] clock, int serial)
    {
        (InstructionId id, int[] other) = _written[serial];
        for (int l = 0; l < other.Length; l++)
            clock[l] = Math.Max(clock[l], other[l]);
        clock[id.Lane] = Math.Max(clock[id.Lane], id.Instruction + 1);
    }

    /// <summary>A chunk's last writer and, as a linked list, its readers since then; serial numbers.</summary>
    private readonly record struct Chunkwise(int Writer, int Readers);
}

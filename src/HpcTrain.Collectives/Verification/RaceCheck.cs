namespace HpcTrain.Collectives.Verification;

/// <summary>
/// Finds two instructions of one rank that touch the same chunk, at least one of them writing, without an order between them.
/// </summary>
internal sealed class RaceCheck
{
    // Idea. Every instruction gets a vector clock: for each lane, how many of its instructions must have taken effect before.
    // The clock of an instruction is the maximum over its predecessor in the lane and everything it waits for. Going through the
    // program in line, each chunk remembers its last write and the reads since then; a conflicting access whose clock does not
    // cover them is a race. Only the rank's own order counts: that a message from elsewhere could not come earlier is no
    // protection, since executors post receives ahead of the data. Cost: instructions x lanes, and chunks touched.
    private const int None = -1;

    private readonly Schedule _schedule;
    private readonly int _rank;
    private readonly ProgramOrder _order;
    private readonly int _lanes;
    private readonly int[] _clocks;
    private readonly Dictionary<int, Chunkwise[]> _buffers = [];
    private readonly List<(InstructionId Id, int Next)> _reads = [];

    private RaceCheck(Schedule schedule, int rank, ProgramOrder order)
    {
        _schedule = schedule;
        _rank = rank;
        _order = order;
        _lanes = order.Program.Lanes.Length;
        _clocks = new int[order.Line.Length * _lanes];
    }

    public static void Run(Schedule schedule, int rank, ProgramOrder order)
    {
        var check = new RaceCheck(schedule, rank, order);
        foreach (InstructionId id in order.Line)
            check.Visit(id);
    }

    private void Visit(InstructionId id)
    {
        Lane lane = _order.Program.Lanes[id.Lane];
        Span<int> clock = Clock(id);
        if (id.Instruction > 0)
            Join(clock, id with { Instruction = id.Instruction - 1 });
        foreach (InstructionId after in lane.After(id.Instruction))
            Join(clock, after);

        Instruction instruction = lane.Instructions[id.Instruction];
        if (!instruction.Operation.IsTransfer())
            Access(id, clock, instruction.Source, instruction.Chunks, writes: false);
        Access(id, clock, instruction.Buffer, instruction.Chunks, writes: instruction.Operation != Operation.Send);
    }

    private void Access(InstructionId id, ReadOnlySpan<int> clock, BufferId buffer, ChunkRange range, bool writes)
    {
        if (!_buffers.TryGetValue(buffer.Index, out Chunkwise[]? chunks))
        {
            chunks = new Chunkwise[_schedule.Chunks.Length];
            Array.Fill(chunks, new(new(None, None), None));
            _buffers.Add(buffer.Index, chunks);
        }

        for (int c = range.First; c < range.End; c++)
        {
            ref Chunkwise chunk = ref chunks[c];
            CheckOrdered(id, clock, chunk.LastWrite, buffer, c);
            if (writes)
            {
                for (int read = chunk.Reads; read != None; read = _reads[read].Next)
                    CheckOrdered(id, clock, _reads[read].Id, buffer, c);
                chunk = new(id, None);
            }
            else
            {
                _reads.Add((id, chunk.Reads));
                chunk = chunk with { Reads = _reads.Count - 1 };
            }
        }
    }

    private void CheckOrdered(InstructionId id, ReadOnlySpan<int> clock, InstructionId earlier, BufferId buffer, int chunk)
    {
        if (earlier.Lane == None || earlier == id || clock[earlier.Lane] > earlier.Instruction)
            return;
        throw Fault.At(_schedule, _rank, id,
            $"races with instruction {earlier} ({_order.Program[earlier]}) for {buffer}[{chunk}]: one of them writes, and no dependency orders them");
    }

    private void Join(Span<int> clock, InstructionId earlier)
    {
        ReadOnlySpan<int> other = Clock(earlier);
        for (int l = 0; l < clock.Length; l++)
            clock[l] = Math.Max(clock[l], other[l]);
        clock[earlier.Lane] = Math.Max(clock[earlier.Lane], earlier.Instruction + 1);
    }

    private Span<int> Clock(InstructionId id) => _clocks.AsSpan(_order.Serial(id) * _lanes, _lanes);

    private readonly record struct Chunkwise(InstructionId LastWrite, int Reads);
}

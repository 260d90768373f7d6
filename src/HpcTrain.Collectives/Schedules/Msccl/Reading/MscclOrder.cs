namespace HpcTrain.Collectives.Msccl;

/// <summary>Finds two steps of a GPU that touch the same place, one of them writing, without an order between them.</summary>
internal sealed class MscclOrder
{
    // Idea. As RaceCheck does it: every step gets a vector clock, for each thread block how many of its steps must be done before. A step
    // follows the one before it in its block, and the one that it names. Places remember their last write and the reads since then.
    // This is held against the file's own places: in the schedule that is made of it, a place that holds several chunks in turn
    // becomes several places, and races about it could no longer be seen.
    private const int None = -1;

    private readonly MscclBlock[] _blocks;
    private readonly int[] _firstSteps;
    private readonly int[] _clocks;
    private readonly int _rank;
    private readonly Access[] _places;
    private readonly List<(MscclStepId Id, int Next)> _reads = [];

    private MscclOrder(MscclAlgorithm algorithm, int rank, int places)
    {
        _rank = rank;
        _blocks = [.. algorithm.Gpus[rank].Blocks];
        _firstSteps = new int[_blocks.Length + 1];
        for (int b = 0; b < _blocks.Length; b++)
            _firstSteps[b + 1] = _firstSteps[b] + _blocks[b].Steps.Count;
        _clocks = new int[_firstSteps[^1] * _blocks.Length];
        _places = new Access[places];
        Array.Fill(_places, new(new(None, None), None));
    }

    /// <summary>Checks one GPU.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="rank">The GPU.</param>
    /// <param name="places">Its places.</param>
    /// <param name="line">All its steps, each after those that it has to follow.</param>
    /// <exception cref="ScheduleException">Two steps race; the message names both lines.</exception>
    public static void Check(MscclAlgorithm algorithm, int rank, MscclPlaces places, IEnumerable<MscclStepId> line)
    {
        var order = new MscclOrder(algorithm, rank, places.Count);
        foreach (MscclStepId id in line)
            order.Visit(id, places);
    }

    private MscclStep this[MscclStepId id] => _blocks[id.Block].Steps[id.Step];

    private void Visit(MscclStepId id, MscclPlaces places)
    {
        MscclStep step = this[id];
        Span<int> clock = Clock(id);
        if (id.Step > 0)
            Join(clock, id with { Step = id.Step - 1 });
        if (step.After is { } after)
            Join(clock, after);
        for (int k = 0; k < step.Count; k++)
        {
            if (step.Type.ReadsSource())
                Read(id, clock, places.Number(step.Source + k), step.Source + k);
        }

        for (int k = 0; k < step.Count && step.Type.WritesTarget(); k++)
            Write(id, clock, places.Number(step.Target + k), step.Target + k);
    }

    private void Read(MscclStepId id, ReadOnlySpan<int> clock, int number, MscclPlace place)
    {
        ref Access access = ref _places[number];
        CheckOrdered(id, clock, access.LastWrite, place);
        _reads.Add((id, access.Reads));
        access = access with { Reads = _reads.Count - 1 };
    }

    private void Write(MscclStepId id, ReadOnlySpan<int> clock, int number, MscclPlace place)
    {
        ref Access access = ref _places[number];
        CheckOrdered(id, clock, access.LastWrite, place);
        for (int read = access.Reads; read != None; read = _reads[read].Next)
            CheckOrdered(id, clock, _reads[read].Id, place);
        access = new(id, None);
    }

    private void CheckOrdered(MscclStepId id, ReadOnlySpan<int> clock, MscclStepId earlier, MscclPlace place)
    {
        if (earlier.Block == None || earlier == id || clock[earlier.Block] > earlier.Step)
            return;
        throw XmlPlace.WrongAt(this[id].Line,
            $"step {id.Step} of thread block {id.Block} of GPU {_rank} races with line {this[earlier].Line} for {place}: "
            + "one of them writes, and no dependency orders them");
    }

    private void Join(Span<int> clock, MscclStepId earlier)
    {
        ReadOnlySpan<int> other = Clock(earlier);
        for (int b = 0; b < clock.Length; b++)
            clock[b] = Math.Max(clock[b], other[b]);
        clock[earlier.Block] = Math.Max(clock[earlier.Block], earlier.Step + 1);
    }

    private Span<int> Clock(MscclStepId id) => _clocks.AsSpan((_firstSteps[id.Block] + id.Step) * _blocks.Length, _blocks.Length);

    private readonly record struct Access(MscclStepId LastWrite, int Reads);
}

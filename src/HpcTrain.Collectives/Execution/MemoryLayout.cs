using HpcTrain.Collectives.Verification;

namespace HpcTrain.Collectives.Execution;

/// <summary>Where the elements of a rank's chunks lie: in the caller's buffers, and in scratch memory that holds only what is used.</summary>
internal sealed class MemoryLayout
{
    // Idea. Elements are numbered over all chunks. Data and input are addressed by these numbers, as the caller's buffers hold all chunks, or
    // are addressed as if they did. A scratch buffer holds the runs of chunks that the program touches, one behind the other.
    // In an all-to-all, numbers run over all pairs of ranks, source by source: what rank r contributes is a run of n blocks, and what it
    // receives is one block from each source, which lie side by side in its data.
    /// <summary>The shift of a place whose chunks are partly contribution and partly written.</summary>
    public const long Mixed = long.MinValue;

    private readonly Schedule _schedule;
    private readonly int _rank;
    private readonly long _block;
    private readonly Dictionary<short, (long[] Starts, long[] Positions)> _scratch = [];

    public MemoryLayout(Schedule schedule, int rank, ChunkPartition partition, List<Step> steps)
    {
        _schedule = schedule;
        _rank = rank;
        bool pairs = schedule.Collective == CollectiveKind.AllToAll;
        _block = pairs ? partition.Length(new(0, schedule.Chunks.Length)) / schedule.Ranks / schedule.Ranks : 0;
        InputShift = pairs ? -rank * schedule.Ranks * _block : 0;
        ScratchLengths = new long[byte.MaxValue + 1];
        var runs = new SortedDictionary<short, List<(long Start, long End)>>();
        foreach (Step step in steps)
        {
            CopiesInput |= step.Source.Shift == Mixed || step.Left.Shift == Mixed;
            foreach (BufferId buffer in (ReadOnlySpan<BufferId>)[step.Instruction.Buffer, step.Instruction.Source])
            {
                if (buffer == BufferId.Data)
                    continue;
                if (!runs.TryGetValue(buffer.Index, out List<(long, long)>? list))
                    runs.Add(buffer.Index, list = []);
                list.Add((step.Start, step.End));
            }
        }

        foreach ((short buffer, List<(long Start, long End)> list) in runs)
            PlaceScratch(buffer, list);
        if (pairs && CopiesInput)
            throw new ScheduleException($"Schedule '{schedule.Algorithm}': rank {rank} sends contributed and received chunks of an all-to-all together; send them one by one.");
        FindDataExtent(partition, steps);
    }

    /// <summary>What is added to an element's number to find it in the input.</summary>
    public long InputShift { get; }

    /// <summary>Whether the contribution has to be copied into data before the first step.</summary>
    public bool CopiesInput { get; }

    /// <summary>The length of each scratch buffer in elements; 0 for those that are not used.</summary>
    public long[] ScratchLengths { get; }

    /// <summary>The first position of data that steps write.</summary>
    public long DataStart { get; private set; } = long.MaxValue;

    /// <summary>The position after the last one of data that steps write; below <see cref="DataStart"/> when they write none.</summary>
    public long DataEnd { get; private set; } = long.MinValue;

    /// <summary>The step with its places in memory.</summary>
    public Step Placed(Step step) => step with
    {
        Source = Placed(step.Source, step),
        Left = Placed(step.Left, step),
        Target = Placed(step.Target, step),
    };

    /// <summary>What is added to the number of an element of the chunk to find it in data as a result.</summary>
    public long OutputShift(int chunk)
    {
        if (_block == 0)
            return 0;
        // From block (owner, rank) of all pairs to block owner of this rank's data.
        long owner = _schedule.Chunks[chunk].Owner;
        return (owner * _block) - (((owner * _schedule.Ranks) + _rank) * _block);
    }

    private Place Placed(Place place, in Step step)
    {
        if (place.Memory == ExecutionPlan.Input && !CopiesInput)
            return place with { Shift = InputShift };
        if (place.Memory is 0 or ExecutionPlan.Input)
            return new(0, OutputShift(step.Instruction.Chunks.First));
        (long[] starts, long[] positions) = _scratch[place.Memory];
        int run = Array.BinarySearch(starts, step.Start);
        run = run >= 0 ? run : ~run - 1;
        return place with { Shift = positions[run] - starts[run] };
    }

    private void PlaceScratch(short buffer, List<(long Start, long End)> runs)
    {
        const long LineElements = 64;
        runs.Sort();
        var starts = new List<long>();
        var positions = new List<long>();
        long end = long.MinValue, length = 0;
        foreach ((long start, long stop) in runs)
        {
            if (start > end)
            {
                // Runs begin on cache lines, whatever the element.
                length = starts.Count == 0 ? 0 : (positions[^1] + end - starts[^1] + LineElements - 1) / LineElements * LineElements;
                starts.Add(start);
                positions.Add(length);
            }

            end = Math.Max(end, stop);
        }

        _scratch.Add(buffer, ([.. starts], [.. positions]));
        ScratchLengths[buffer] = positions[^1] + end - starts[^1];
    }

    private void FindDataExtent(ChunkPartition partition, List<Step> steps)
    {
        foreach (Step step in steps)
        {
            if (step.Instruction.Operation != Operation.Send && step.Target.Memory == 0)
                Extend(step.Start + OutputShift(step.Instruction.Chunks.First), step.Length);
        }

        if (!CopiesInput)
            return;
        for (int c = 0; c < _schedule.Chunks.Length; c++)
        {
            if (Contract.Contributes(_schedule, _rank, c))
                Extend(partition.Start(c), partition.Length(c));
        }
    }

    private void Extend(long start, long length)
    {
        DataStart = Math.Min(DataStart, start);
        DataEnd = Math.Max(DataEnd, start + length);
    }
}

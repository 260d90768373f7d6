namespace HpcTrain.Collectives.Verification;

/// <summary>Holds the end of a symbolic run against what the collective owes.</summary>
internal static class ResultCheck
{
    public static void Run(Schedule schedule, SymbolicRun run)
    {
        for (int c = 0; c < schedule.Chunks.Length; c++)
        {
            int first = -1;
            for (int rank = 0; rank < schedule.Ranks; rank++)
            {
                if (!Contract.Receives(schedule, rank, c))
                    continue;
                int value = run.Value(rank, BufferId.Data, c);
                if (first < 0)
                    CheckContributions(schedule, run.Trees, rank, c, value);
                else if (schedule.Collective == CollectiveKind.Barrier)
                    CheckContributions(schedule, run.Trees, rank, c, value);
                else if (value != run.Value(first, BufferId.Data, c))
                    throw Different(schedule, run, first, rank, c, value);
                first = first < 0 ? rank : first;
            }
        }
    }

    private static ScheduleException Different(Schedule schedule, SymbolicRun run, int first, int rank, int chunk, int value)
    {
        // If the value is wrong in itself, that says more than the comparison.
        CheckContributions(schedule, run.Trees, rank, chunk, value);
        return Fault.At(schedule, rank,
            $"ends with every contribution to data[{chunk}], but reduced in another order than on rank {first}, so their bits may differ");
    }

    private static void CheckContributions(Schedule schedule, ReductionTrees trees, int rank, int chunk, int value)
    {
        if (value == ReductionTrees.Nothing)
            throw Fault.At(schedule, rank, $"ends without anything in data[{chunk}]");

        int[] times = trees.Occurrences(value, most: 2);
        var missing = new List<int>();
        var repeated = new List<int>();
        for (int contributor = 0; contributor < times.Length; contributor++)
        {
            if (times[contributor] == 0 && Contract.Contributes(schedule, contributor, chunk))
                missing.Add(contributor);
            if (times[contributor] > 1 && schedule.Collective != CollectiveKind.Barrier)
                repeated.Add(contributor);
        }

        if (missing.Count > 0)
            throw Fault.At(schedule, rank, $"ends with data[{chunk}] lacking the contribution of {Fault.Ranks(missing)}");
        if (repeated.Count > 0)
            throw Fault.At(schedule, rank, $"ends with data[{chunk}] holding the contribution of {Fault.Ranks(repeated)} more than once");
    }
}

namespace HpcTrain.Collectives.Verification;

/// <summary>Explains why lanes of a symbolic run stand still: a transfer without a partner, or a ring of lanes that wait for each other.</summary>
internal static class DeadlockReport
{
    public static void ThrowIfStuck(SymbolicRun run)
    {
        int first = -1;
        for (int lane = 0; lane < run.LaneCount; lane++)
        {
            if (run.Standing(lane) is not { } at)
                continue;
            first = first < 0 ? lane : first;
            int awaited = run.Awaited(lane);
            if (awaited < 0 || run.Standing(awaited) is null)
            {
                Instruction instruction = run.Schedule.Program(at.Rank)[at.Id];
                throw Fault.At(run.Schedule, at.Rank, at.Id, $"has no matching {(instruction.Operation == Operation.Send ? "receive" : "send")} on rank {instruction.Peer}");
            }
        }

        if (first < 0)
            return;
        List<int> cycle = Cycle(run, first);
        (int rank, InstructionId id) = run.Standing(cycle[0])!.Value;
        IEnumerable<string> others = cycle.Skip(1).Append(cycle[0]).Select(lane => Describe(run, lane));
        throw Fault.At(run.Schedule, rank, id, $"is in a deadlock: it waits for {string.Join(", which waits for ", others)}");
    }

    private static List<int> Cycle(SymbolicRun run, int start)
    {
        // Every standing lane waits for a standing lane, so following the waits must come back to a lane already seen.
        var path = new List<int>();
        int lane = start;
        while (!path.Contains(lane))
        {
            path.Add(lane);
            lane = run.Awaited(lane);
        }

        return path[path.IndexOf(lane)..];
    }

    private static string Describe(SymbolicRun run, int lane)
    {
        (int rank, InstructionId id) = run.Standing(lane)!.Value;
        return $"rank {rank}, lane {id.Lane}, instruction {id.Instruction} ({run.Schedule.Program(rank)[id]})";
    }
}

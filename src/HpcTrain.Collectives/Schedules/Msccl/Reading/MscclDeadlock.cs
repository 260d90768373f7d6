namespace HpcTrain.Collectives.Msccl;

/// <summary>Explains why thread blocks stand still: a receive that nothing is sent to, or a ring of blocks that wait for each other.</summary>
internal static class MscclDeadlock
{
    public static ScheduleException Explain(MscclRun run, int stuck)
    {
        // Following the waits leads to a block that waits for nobody who could move, or back to one already seen.
        var path = new List<int>();
        int block = stuck;
        while (!path.Contains(block))
        {
            path.Add(block);
            int awaited = run.Awaited(block);
            if (awaited < 0 || run.Block(awaited).Current is null)
            {
                MscclRun.BlockState end = run.Block(block);
                return MscclRun.Wrong(end.Rank, new(end.Number, end.Next), end.Current!,
                    $"receives what GPU {end.Block.ReceivePeer} never sends on channel {end.Block.Channel}");
            }

            block = awaited;
        }

        List<int> cycle = path[path.IndexOf(block)..];
        MscclRun.BlockState first = run.Block(cycle[0]);
        IEnumerable<string> lines = cycle.Skip(1).Append(cycle[0]).Select(number => $"line {run.Block(number).Current!.Line}");
        return MscclRun.Wrong(first.Rank, new(first.Number, first.Next), first.Current!,
            $"is in a deadlock: it waits for {string.Join(", which waits for ", lines)}");
    }
}

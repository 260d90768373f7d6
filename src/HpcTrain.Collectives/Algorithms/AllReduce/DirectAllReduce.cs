namespace HpcTrain.Collectives.Algorithms;

/// <summary>All pairs at once: every rank reduces one chunk of all buffers, then everyone gets it (two-shot).</summary>
internal static class DirectAllReduce
{
    // Idea. The buffer has one chunk per rank. Each rank sends chunk c straight to rank c, which reduces what it gets: its own contribution first,
    // then those of ranks 0, 1, ... in order, without itself. Then it sends the finished chunk straight to everyone. No rank passes anything on:
    // two hops, and the least traffic an allreduce can have. Contributions arrive side by side in scratch memory, as large as the buffer in all, so
    // that no sender waits for another.
    // Cost. 2 alpha where a rank's links work side by side; 2(p-1) alpha where its messages leave one after another, which is what the closed form
    // counts. 2 (p-1)/p bytes beta + (p-1)/p bytes gamma.
    // Wins inside a node, where every rank reaches every other at full speed, for middle and long buffers.
    // Source: Shah et al., "MSCCL++: rethinking GPU communication abstractions", 2025, where it is called all-pairs; elsewhere two-shot.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllReduce, "direct", Create, Seconds, "2(p-1)α (2α over links side by side) + 2(p-1)/p nβ + (p-1)/p nγ")
        {
            Aliases = ["two-shot", "all-pairs"],
            WinsFor = "middle and long buffers inside a node",
            Unusable = AllPairs.TooMany,
        };

    private static Schedule Create(ScheduleSpec spec) =>
        ProgramWriter.MakeSchedule(spec, "direct", Schedule.EqualChunks(spec.Ranks), (program, rank) =>
        {
            var pairs = new AllPairs(program, rank, spec.Ranks);
            pairs.ReduceScatter();
            pairs.AllGather();
        });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        double share = (double)(spec.Ranks - 1) / spec.Ranks * bytes;
        return (2 * (spec.Ranks - 1) * model.Alpha) + (2 * share * model.Beta) + (share * model.Gamma);
    }
}

namespace HpcTrain.Collectives.Algorithms;

/// <summary>A tree of radix 4: each rank that has the data sends it to three others in each round.</summary>
internal static class KNomialBroadcast
{
    // Idea. The binomial tree with fewer, wider rounds, whose three messages are under way at the same time. Where a message's cost is mostly time of
    // flight rather than work of its sender, three in flight cost little more than one.
    // Cost. log4 p alpha when flights overlap; the closed form counts every message of a rank: 3 log4 p (alpha + bytes beta).
    // Wins for short buffers over links of long latency.
    // Source: MPICH and UCC have it under this name, with the radix as a setting.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.Broadcast, "k-nomial", Create, Seconds, "3 log₄ p (α + nβ), with log₄ p α when latencies overlap")
        {
            Aliases = ["knomial"],
            WinsFor = "short buffers, long latencies",
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "k-nomial", Schedule.EqualChunks(1), (program, rank) =>
    {
        var order = new RootedOrder(spec);
        TreeMoves.Broadcast(program, TreeNode.KNomial(order.PositionOf(rank), spec.Ranks, TreeNode.WideRadix), order.RankAt, 0);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) => TreeNode.WideMessages(spec.Ranks) * (model.Alpha + (bytes * model.Beta));
}

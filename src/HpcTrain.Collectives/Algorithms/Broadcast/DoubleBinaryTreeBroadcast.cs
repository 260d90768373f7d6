namespace HpcTrain.Collectives.Algorithms;

/// <summary>Two complementary binary trees below the root, each with half of the buffer.</summary>
internal static class DoubleBinaryTreeBroadcast
{
    // Idea. A binary tree passes a long buffer on segment by segment, but its inner ranks send everything twice while its leaves send nothing. Two
    // trees over the ranks other than the root, in which no rank has children twice, share that work out: the root sends each half to the top of one
    // of them, on channels of their own (see DoubleTree).
    // Cost. About lg p alpha + bytes beta once the pipeline is full; the closed form counts 2(lg p - 1 + S) messages in S segments of a half.
    // Wins for middle and long buffers on many ranks: the chain's traffic in logarithmic latency.
    // Source: Sanders, Speck and Traeff, "Two-tree algorithms for full bandwidth broadcast, reduction and scan", Parallel Computing 35 (2009).
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.Broadcast, "double-binary-tree", Create, Seconds, "2(⌈lg p⌉ - 1 + S)(α + nβ/2S) in S segments")
        {
            Aliases = ["dbt", "double-tree"],
            Channels = 2,
            WinsFor = "middle and long buffers, many ranks",
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "double-binary-tree", Schedule.EqualChunks(2), (program, rank) =>
    {
        var order = new RootedOrder(spec);
        for (int tree = 0; tree < 2; tree++)
            TreeMoves.Broadcast(program, DoubleTree.NodeBelowRoot(tree, order.PositionOf(rank), spec.Ranks), order.RankAt, tree, channel: tree);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        Pipeline.DoubleTree(Logarithm.Ceiling(spec.Ranks), bytes, model, gamma: 0);
}

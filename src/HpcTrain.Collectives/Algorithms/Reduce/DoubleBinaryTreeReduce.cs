namespace HpcTrain.Collectives.Algorithms;

/// <summary>Two complementary binary trees below the root, each with half of the buffer.</summary>
internal static class DoubleBinaryTreeReduce
{
    // Idea. The broadcast over two trees backwards: each half of the buffer is reduced up its own tree over the ranks other than the root, and the
    // tops hand them to the root. As no rank has children in both trees, none takes in more than the whole buffer (see DoubleTree).
    // Cost. About lg p alpha + bytes (beta + gamma) once the pipeline is full; the closed form counts 2(lg p - 1 + S) messages in S segments of a half.
    // Wins for middle and long buffers on many ranks: the chain's traffic in logarithmic latency.
    // Source: Sanders, Speck and Traeff, "Two-tree algorithms for full bandwidth broadcast, reduction and scan", Parallel Computing 35 (2009).
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.Reduce, "double-binary-tree", Create, Seconds, "2(⌈lg p⌉ - 1 + S)(α + n(β + γ)/2S) in S segments")
        {
            Aliases = ["dbt", "double-tree"],
            Channels = 2,
            WinsFor = "middle and long buffers, many ranks",
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "double-binary-tree", Schedule.EqualChunks(2), (program, rank) =>
    {
        var order = new RootedOrder(spec);
        for (int tree = 0; tree < 2; tree++)
            TreeMoves.Reduce(program, DoubleTree.NodeBelowRoot(tree, order.PositionOf(rank), spec.Ranks), order.RankAt, tree, channel: tree);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        Pipeline.DoubleTree(Logarithm.Ceiling(spec.Ranks), bytes, model, model.Gamma);
}

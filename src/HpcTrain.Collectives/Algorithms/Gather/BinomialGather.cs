namespace HpcTrain.Collectives.Algorithms;

/// <summary>A binomial tree in which each rank passes on the blocks of its subtree.</summary>
internal static class BinomialGather
{
    // Idea. Ranks are numbered from the root on. A rank collects the blocks of its subtree, which are those of the ranks that follow it, and sends
    // them to its parent in one message; a run that goes round the end is two runs of chunks, which travel side by side on two channels.
    // Cost. lg p alpha + (p-1)/p bytes beta: the root's traffic, which nothing can save.
    // Wins for short blocks. For long ones every block is sent several times for nothing.
    // Source: textbook; Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.Gather, "binomial", Create, Seconds, "lg p α + (p-1)/p nβ")
    {
        Aliases = ["tree", "binomial-tree"],
        Channels = 2,
        WinsFor = "short blocks",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "binomial", Schedule.OwnedChunks(spec.Ranks), (program, rank) =>
    {
        var order = new RootedOrder(spec);
        int position = order.PositionOf(rank);
        TreeMoves.Gather(program, TreeNode.KNomial(position, spec.Ranks, radix: 2), position, order, blockAt: order.RankAt);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (Logarithm.Ceiling(spec.Ranks) * model.Alpha) + ((double)(spec.Ranks - 1) / spec.Ranks * bytes * model.Beta);
}

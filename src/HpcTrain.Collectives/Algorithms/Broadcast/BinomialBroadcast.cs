namespace HpcTrain.Collectives.Algorithms;

/// <summary>A binomial tree: the number of ranks that have the data doubles in each step.</summary>
internal static class BinomialBroadcast
{
    // Idea. Ranks are numbered from the root on. In each step every rank that has the data sends it to one that has not, the farthest first, so that
    // all subtrees end at the same time.
    // Cost. lg p (alpha + bytes beta).
    // Wins for short buffers.
    // Source: textbook; Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.Broadcast, "binomial", Create, Seconds, "lg p (α + nβ)")
    {
        Aliases = ["tree", "binomial-tree"],
        WinsFor = "short buffers",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "binomial", Schedule.EqualChunks(1), (program, rank) =>
    {
        var order = new RootedOrder(spec);
        TreeMoves.Broadcast(program, TreeNode.KNomial(order.PositionOf(rank), spec.Ranks, radix: 2), order.RankAt, 0);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) => Logarithm.Ceiling(spec.Ranks) * (model.Alpha + (bytes * model.Beta));
}

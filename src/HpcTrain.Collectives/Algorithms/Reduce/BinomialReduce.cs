namespace HpcTrain.Collectives.Algorithms;

/// <summary>A binomial tree: the number of partial sums halves in each step.</summary>
internal static class BinomialReduce
{
    // Idea. The binomial broadcast backwards: ranks are numbered from the root on, and in each step every other rank that still has a partial sum
    // sends it to the one before it that has.
    // Cost. lg p (alpha + bytes beta + bytes gamma).
    // Wins for short buffers.
    // Source: textbook; Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.Reduce, "binomial", Create, Seconds, "lg p (α + nβ + nγ)")
    {
        Aliases = ["tree", "binomial-tree"],
        WinsFor = "short buffers",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "binomial", Schedule.EqualChunks(1), (program, rank) =>
    {
        var order = new RootedOrder(spec);
        TreeMoves.Reduce(program, TreeNode.KNomial(order.PositionOf(rank), spec.Ranks, radix: 2), order.RankAt, 0);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        Logarithm.Ceiling(spec.Ranks) * (model.Alpha + (bytes * (model.Beta + model.Gamma)));
}

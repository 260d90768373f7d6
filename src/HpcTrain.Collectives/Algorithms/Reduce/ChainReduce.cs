namespace HpcTrain.Collectives.Algorithms;

/// <summary>A chain of all ranks toward the root, segment after segment.</summary>
internal static class ChainReduce
{
    // Idea. Each rank receives from the next, adds its own and sends to the one before. An executor passes segments on while more arrive, so that
    // the chain is a pipeline: once it is full, every link carries a segment at any time.
    // Cost. (p-2+S) (alpha + bytes/S (beta + gamma)) in S segments.
    // Wins for very long buffers on few ranks.
    // Source: textbook; Worringen, "Pipelining and overlapping for MPI collective operations", LCN 2003.
    public static Algorithm Algorithm { get; } = new(CollectiveKind.Reduce, "chain", Create, Seconds, "(p-2+S)(α + n(β + γ)/S) in S segments")
    {
        Aliases = ["pipeline"],
        WinsFor = "very long buffers, few ranks",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "chain", Schedule.EqualChunks(1), (program, rank) =>
    {
        var order = new RootedOrder(spec);
        TreeMoves.Reduce(program, TreeNode.Chain(order.PositionOf(rank), spec.Ranks), order.RankAt, 0);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) => Pipeline.Chain(spec.Ranks, bytes, model, model.Gamma);
}

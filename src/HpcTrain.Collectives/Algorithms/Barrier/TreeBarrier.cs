namespace HpcTrain.Collectives.Algorithms;

/// <summary>A binomial tree: tokens are gathered at rank 0, then everyone is released.</summary>
internal static class TreeBarrier
{
    // Idea. The allreduce of the same name with a token: 2(p-1) messages in all, where dissemination takes p lg p.
    // Cost. 2 lg p alpha.
    // Wins on a loaded network, and where few messages matter more than few steps.
    // Source: textbook; Mellor-Crummey and Scott, "Algorithms for scalable synchronization on shared-memory multiprocessors", ACM TOCS 9 (1991).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.Barrier, "tree", Create, Seconds, "2 lg p α")
    {
        Aliases = ["binomial", "binomial-tree"],
        WinsFor = "a loaded network",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "tree", Schedule.EqualChunks(1), (program, rank) =>
    {
        TreeNode node = TreeNode.KNomial(rank, spec.Ranks, radix: 2);
        TreeMoves.Reduce(program, node, position => position, 0);
        TreeMoves.Broadcast(program, node, position => position, 0);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) => 2 * Logarithm.Ceiling(spec.Ranks) * model.Alpha;
}

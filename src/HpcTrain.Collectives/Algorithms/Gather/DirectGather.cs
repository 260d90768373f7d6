namespace HpcTrain.Collectives.Algorithms;

/// <summary>Everyone sends its block to the root.</summary>
internal static class DirectGather
{
    // Idea. One hop, each message on a lane of its own: no block is sent twice.
    // Cost. (p-1) alpha + (p-1)/p bytes beta; 1 alpha where the root's links work side by side.
    // Wins for long blocks, and inside a node for all.
    // Source: textbook; Open MPI calls it linear.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.Gather, "direct", Create, Seconds, "(p-1)α (1α over links side by side) + (p-1)/p nβ")
        {
            Aliases = ["linear", "flat"],
            WinsFor = "long blocks; all inside a node",
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "direct", Schedule.OwnedChunks(spec.Ranks), (program, rank) =>
    {
        var order = new RootedOrder(spec);
        int position = order.PositionOf(rank);
        TreeMoves.Gather(program, TreeNode.Star(position, spec.Ranks), position, order, blockAt: order.RankAt);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (spec.Ranks - 1) * (model.Alpha + ((double)bytes / spec.Ranks * model.Beta));
}

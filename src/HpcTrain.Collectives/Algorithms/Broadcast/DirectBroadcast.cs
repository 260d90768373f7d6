namespace HpcTrain.Collectives.Algorithms;

/// <summary>The root sends to everyone.</summary>
internal static class DirectBroadcast
{
    // Idea. One hop, each message on a lane of its own.
    // Cost. alpha where the root's links work side by side; the closed form counts (p-1) (alpha + bytes beta).
    // Wins for very few ranks, and where everyone can read the root's memory.
    // Source: textbook; Open MPI calls it linear.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.Broadcast, "direct", Create, Seconds, "(p-1)(α + nβ), with 1α over links side by side")
        {
            Aliases = ["linear", "flat"],
            WinsFor = "very few ranks",
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "direct", Schedule.EqualChunks(1), (program, rank) =>
    {
        var order = new RootedOrder(spec);
        TreeMoves.Broadcast(program, TreeNode.Star(order.PositionOf(rank), spec.Ranks), order.RankAt, 0);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) => (spec.Ranks - 1) * (model.Alpha + (bytes * model.Beta));
}

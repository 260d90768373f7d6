namespace HpcTrain.Collectives.Algorithms;

/// <summary>Everyone sends to the root.</summary>
internal static class DirectReduce
{
    // Idea. One hop. The root reduces its own contribution first, then those of ranks 0, 1, ... in order, without itself. They are reduced as they
    // come in, not kept side by side, since p-1 whole buffers would be too much memory for one rank.
    // Cost. (p-1) (alpha + bytes beta + bytes gamma).
    // Wins for very few ranks, and where the root can read everyone's memory.
    // Source: textbook; Open MPI calls it linear.
    public static Algorithm Algorithm { get; } = new(CollectiveKind.Reduce, "direct", Create, Seconds, "(p-1)(α + nβ + nγ)")
    {
        Aliases = ["linear", "flat"],
        WinsFor = "very few ranks",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "direct", Schedule.EqualChunks(1), (program, rank) =>
    {
        LaneWriter lane = program.Lane();
        if (rank != spec.Root)
        {
            lane.Send(spec.Root, 0);
            return;
        }

        for (int peer = 0; peer < spec.Ranks; peer++)
        {
            if (peer != rank)
                lane.RecvReduce(peer, 0);
        }
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (spec.Ranks - 1) * (model.Alpha + (bytes * (model.Beta + model.Gamma)));
}

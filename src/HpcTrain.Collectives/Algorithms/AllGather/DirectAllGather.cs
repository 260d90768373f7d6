namespace HpcTrain.Collectives.Algorithms;

/// <summary>All pairs at once: every rank sends its block straight to all others.</summary>
internal static class DirectAllGather
{
    // Idea. One hop: nobody passes anything on.
    // Cost. alpha where a rank's links work side by side; (p-1) alpha where its messages leave one after another, which is what the closed form
    // counts. (p-1)/p bytes beta.
    // Wins inside a node, where every rank reaches every other at full speed.
    // Source: Shah et al., "MSCCL++: rethinking GPU communication abstractions", 2025, where it is called all-pairs.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllGather, "direct", Create, Seconds, "(p-1)α (1α over links side by side) + (p-1)/p nβ")
        {
            Aliases = ["all-pairs"],
            WinsFor = "all buffers inside a node",
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "direct", Schedule.OwnedChunks(spec.Ranks),
        (program, rank) => new AllPairs(program, rank, spec.Ranks).AllGather());

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (spec.Ranks - 1) * (model.Alpha + ((double)bytes / spec.Ranks * model.Beta));
}

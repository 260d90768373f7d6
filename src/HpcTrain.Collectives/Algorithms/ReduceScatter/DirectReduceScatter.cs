namespace HpcTrain.Collectives.Algorithms;

/// <summary>All pairs at once: every rank sends each block straight to its owner.</summary>
internal static class DirectReduceScatter
{
    // Idea. One hop: the owner of a block receives it from everyone, side by side in scratch memory, and reduces its own contribution first, then
    // those of ranks 0, 1, ... in order, without itself.
    // Cost. alpha where a rank's links work side by side; (p-1) alpha where its messages leave one after another, which is what the closed form
    // counts. (p-1)/p bytes (beta + gamma).
    // Wins inside a node, where every rank reaches every other at full speed.
    // Source: Shah et al., "MSCCL++: rethinking GPU communication abstractions", 2025, where it is called all-pairs.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.ReduceScatter, "direct", Create, Seconds, "(p-1)α (1α over links side by side) + (p-1)/p n(β + γ)")
        {
            Aliases = ["all-pairs"],
            WinsFor = "all buffers inside a node",
            Unusable = AllPairs.TooMany,
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "direct", Schedule.OwnedChunks(spec.Ranks),
        (program, rank) => new AllPairs(program, rank, spec.Ranks).ReduceScatter());

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (spec.Ranks - 1) * (model.Alpha + ((double)bytes / spec.Ranks * (model.Beta + model.Gamma)));
}

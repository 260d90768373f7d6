namespace HpcTrain.Collectives.Algorithms;

/// <summary>The ring: every block goes round once and ends at its owner.</summary>
internal static class RingReduceScatter
{
    // Idea. Block b starts at the rank after its owner. Each rank receives it from the left, adds its own contribution and passes it on; the last to
    // add is the owner. All ranks work in every step, on different blocks.
    // Cost. (p-1) alpha + (p-1)/p bytes (beta + gamma): no reduce-scatter sends less.
    // Wins for long buffers, for any rank count, and where only neighbours have good links.
    // Source: Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", JPDC 69 (2009).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.ReduceScatter, "ring", Create, Seconds, "(p-1)α + (p-1)/p n(β + γ)")
    {
        WinsFor = "long buffers, any rank count, links between neighbours only",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "ring", Schedule.OwnedChunks(spec.Ranks),
        (program, rank) => new Ring(program, rank, spec.Ranks).ReduceScatter(block => block));

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (spec.Ranks - 1) * (model.Alpha + ((double)bytes / spec.Ranks * (model.Beta + model.Gamma)));
}

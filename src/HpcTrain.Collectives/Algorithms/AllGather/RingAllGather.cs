namespace HpcTrain.Collectives.Algorithms;

/// <summary>The ring: every block goes round until all have it.</summary>
internal static class RingAllGather
{
    // Idea. In each step every rank sends to the right what it has just received from the left, beginning with its own block.
    // Cost. (p-1) alpha + (p-1)/p bytes beta: no allgather receives less.
    // Wins for long buffers, for any rank count, and where only neighbours have good links.
    // Source: Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.AllGather, "ring", Create, Seconds, "(p-1)α + (p-1)/p nβ")
    {
        WinsFor = "long buffers, any rank count, links between neighbours only",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "ring", Schedule.OwnedChunks(spec.Ranks),
        (program, rank) => new Ring(program, rank, spec.Ranks).AllGather(block => block));

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (spec.Ranks - 1) * (model.Alpha + ((double)bytes / spec.Ranks * model.Beta));
}

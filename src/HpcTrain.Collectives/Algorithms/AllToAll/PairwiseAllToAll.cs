namespace HpcTrain.Collectives.Algorithms;

/// <summary>One partner after the other: in each step everyone sends to one rank and receives from one.</summary>
internal static class PairwiseAllToAll
{
    // Idea. In step i every rank sends to the rank i after it and receives from the rank i before it: each link into and out of a rank carries one
    // message at a time, and no rank is sent to by two.
    // Cost. n is what one rank sends and keeps: (p-1) alpha + (p-1)/p n beta.
    // Wins for long blocks on networks that suffer when many messages meet.
    // Source: Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005).
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllToAll, "pairwise", Create, Seconds, "(p-1)α + (p-1)/p nβ, n one rank's data")
        {
            WinsFor = "long blocks on networks that congest",
        };

    private static Schedule Create(ScheduleSpec spec) =>
        ProgramWriter.MakeSchedule(spec, "pairwise", Schedule.PairChunks(spec.Ranks), (program, rank) =>
        {
            LaneWriter outgoing = program.Lane();
            LaneWriter incoming = program.Lane();
            for (int step = 1; step < spec.Ranks; step++)
            {
                int to = (rank + step) % spec.Ranks, from = (rank - step + spec.Ranks) % spec.Ranks;
                outgoing.Send(to, (rank * spec.Ranks) + to);
                incoming.Recv(from, (from * spec.Ranks) + rank);
            }
        });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (spec.Ranks - 1) * (model.Alpha + ((double)bytes / spec.Ranks / spec.Ranks * model.Beta));
}

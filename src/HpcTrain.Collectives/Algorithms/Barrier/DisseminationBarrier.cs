namespace HpcTrain.Collectives.Algorithms;

/// <summary>Dissemination: in each step everyone tells the rank twice as far on what it has heard.</summary>
internal static class DisseminationBarrier
{
    // Idea. In step k every rank sends a token to the rank 2^k after it and receives one from the rank 2^k before it. After step k a rank has heard,
    // directly or not, of the 2^(k+1) ranks up to itself; hearing of one twice does no harm. Tokens arrive in scratch, as the own one is being sent.
    // Cost. ceil(lg p) alpha: no barrier takes fewer steps.
    // Wins always where every rank may send at the same time.
    // Source: Hensgen, Finkel and Manber, "Two algorithms for barrier synchronization", IJPP 17 (1988).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.Barrier, "dissemination", Create, Seconds, "⌈lg p⌉ α")
    {
        WinsFor = "any rank count",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "dissemination", Schedule.EqualChunks(1), (program, rank) =>
    {
        LaneWriter outgoing = program.Lane();
        LaneWriter incoming = program.Lane();
        for (int distance = 1; distance < spec.Ranks; distance *= 2)
        {
            outgoing.Send((rank + distance) % spec.Ranks, 0);
            incoming.Recv((rank - distance + spec.Ranks) % spec.Ranks, 0, BufferId.Scratch());
            incoming.Reduce(BufferId.Scratch(), BufferId.Data, 0);
        }
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) => Logarithm.Ceiling(spec.Ranks) * model.Alpha;
}

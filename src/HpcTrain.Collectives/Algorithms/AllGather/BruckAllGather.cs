namespace HpcTrain.Collectives.Algorithms;

/// <summary>Bruck's algorithm: doubling for any rank count.</summary>
internal static class BruckAllGather
{
    // Idea. After step k every rank holds the blocks of 2^k ranks from itself on, round the end; it sends all of them to the rank 2^k before, and
    // receives as many from the rank 2^k after. The last step sends only what is missing. A run that goes round the end is two runs of chunks, which
    // travel side by side on two channels, so that nothing has to be rotated at the end.
    // Cost. ceil(lg p) alpha + (p-1)/p bytes beta.
    // Wins for short and middle buffers on rank counts that are no powers of two.
    // Source: Bruck, Ho, Kipnis, Upfal and Weathersby, "Efficient algorithms for all-to-all communications in multiport message-passing systems",
    // IEEE TPDS 8 (1997).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.AllGather, "bruck", Create, Seconds, "⌈lg p⌉ α + (p-1)/p nβ")
    {
        Channels = 2,
        WinsFor = "short and middle buffers, any rank count",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "bruck", Schedule.OwnedChunks(spec.Ranks), (program, rank) =>
    {
        int ranks = spec.Ranks;
        var outgoing = new CircularLanes(program, ranks);
        var incoming = new CircularLanes(program, ranks);
        for (int held = 1; held < ranks; held *= 2)
        {
            int before = (rank - held + ranks) % ranks, after = (rank + held) % ranks;
            int count = Math.Min(held, ranks - held);
            outgoing.Send(before, rank, count);
            incoming.Recv(after, after, count);
        }
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (Logarithm.Ceiling(spec.Ranks) * model.Alpha) + ((double)(spec.Ranks - 1) / spec.Ranks * bytes * model.Beta);
}

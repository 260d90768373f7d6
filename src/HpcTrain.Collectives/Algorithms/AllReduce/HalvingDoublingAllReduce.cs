namespace HpcTrain.Collectives.Algorithms;

/// <summary>Recursive halving, then recursive doubling (Rabenseifner's algorithm).</summary>
internal static class HalvingDoublingAllReduce
{
    // Idea. The buffer has one chunk per member. In halving step k two members whose numbers differ in bit k split the range of
    // chunks that both still hold: each sends one half, keeps the other and reduces what arrives into it. After lg p steps each
    // member holds one finished chunk. The doubling steps run the same exchanges backwards, sending finished ranges, until all
    // have all. The longest messages go to the nearest member, which is the one most likely to share a node. Other rank counts
    // are folded.
    // Cost. 2 lg p alpha + 2 (p-1)/p bytes beta + (p-1)/p bytes gamma, plus the fold.
    // Wins for middle and long buffers on flat networks when the rank count is a power of two: the ring's traffic in lg p steps.
    // Source: Rabenseifner, "Optimization of collective reduction operations", ICCS 2004.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllReduce, "halving-doubling", Create, Seconds, "2 lg p α + 2(p-1)/p nβ + (p-1)/p nγ, + fold")
        {
            Aliases = ["rabenseifner", "recursive-halving-doubling", "hd"],
            WinsFor = "middle and long buffers, rank counts that are powers of two",
        };

    private static Schedule Create(ScheduleSpec spec)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        return ProgramWriter.MakeSchedule(spec, "halving-doubling", Schedule.EqualChunks(fold.Members), (program, rank) => Write(program, rank, fold));
    }

    private static void Write(ProgramWriter program, int rank, PowerOfTwoFold fold)
    {
        var everything = new ChunkRange(0, fold.Members);
        var halving = new HalvingLanes(program, Exchange.Steps(fold.MemberOf(rank), fold.Members, nearestFirst: true, fold.RankOf, shares => shares));
        if (fold.IsGuest(rank))
        {
            halving.Outgoing.Send(fold.HostOf(rank), everything);
            halving.Incoming.Recv(fold.HostOf(rank), everything);
            return;
        }

        int guest = fold.GuestOf(rank);
        if (guest >= 0)
            halving.Incoming.RecvReduce(guest, everything);
        halving.ReduceScatter();
        halving.AllGather();
        if (guest >= 0)
            halving.Outgoing.Send(guest, everything);
    }

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        double share = (double)(fold.Members - 1) / fold.Members * bytes;
        return (2 * fold.Steps * model.Alpha) + (2 * share * model.Beta) + (share * model.Gamma) + fold.Seconds(bytes, model);
    }
}

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Recursive halving, then a binomial gather at the root (Rabenseifner's reduce).</summary>
internal static class ReduceScatterGatherReduce
{
    // Idea. A tree sends the whole buffer lg p times in a row. Here the halving steps of the allreduce leave every member with one finished chunk;
    // then the same exchanges run backwards, and of two partners only the one without the root's side sends. Ranks are numbered from the root
    // on, which makes the root member 0. Other rank counts are folded: a guest hands its contribution over and is done.
    // Cost. 2 lg p alpha + 2 (p-1)/p bytes beta + (p-1)/p bytes gamma; folded, alpha + bytes beta + bytes gamma more.
    // Wins for long buffers.
    // Source: Rabenseifner, "Optimization of collective reduction operations", ICCS 2004.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.Reduce, "reduce-scatter-gather", Create, Seconds, "2 lg p α + 2(p-1)/p nβ + (p-1)/p nγ, + fold")
        {
            Aliases = ["rabenseifner", "rsg"],
            WinsFor = "long buffers",
        };

    private static Schedule Create(ScheduleSpec spec)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        return ProgramWriter.MakeSchedule(spec, "reduce-scatter-gather", Schedule.EqualChunks(fold.Members),
            (program, rank) => Write(program, rank, fold, new RootedOrder(spec)));
    }

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        double share = (double)(fold.Members - 1) / fold.Members * bytes;
        double whole = model.Alpha + (bytes * (model.Beta + model.Gamma));
        return (2 * fold.Steps * model.Alpha) + (2 * share * model.Beta) + (share * model.Gamma) + (fold.Folds ? whole : 0);
    }

    private static void Write(ProgramWriter program, int rank, PowerOfTwoFold fold, RootedOrder order)
    {
        int position = order.PositionOf(rank);
        var everything = new ChunkRange(0, fold.Members);
        Exchange[] exchanges =
            Exchange.Steps(fold.MemberOf(position), fold.Members, nearestFirst: true, member => order.RankAt(fold.RankOf(member)), shares => shares);
        var halving = new HalvingLanes(program, exchanges);
        if (fold.IsGuest(position))
        {
            halving.Outgoing.Send(order.RankAt(fold.HostOf(position)), everything);
            return;
        }

        if (fold.GuestOf(position) is >= 0 and var guest)
            halving.Incoming.RecvReduce(order.RankAt(guest), everything);
        halving.ReduceScatter();
        halving.Gather();
    }
}

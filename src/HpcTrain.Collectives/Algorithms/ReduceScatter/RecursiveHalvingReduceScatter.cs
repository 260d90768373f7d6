namespace HpcTrain.Collectives.Algorithms;

/// <summary>Recursive halving: in each step half of what is still held is given away.</summary>
internal static class RecursiveHalvingReduceScatter
{
    // Idea. The members begin at distance p/2: each pair splits the blocks between the lower and the upper half of the members, sends the half that is
    // not its own, and reduces what arrives into the other. Distances and ranges are halved until everyone holds its own block. Other rank counts
    // are folded: a guest hands everything to its host, which works for both blocks and sends the guest's back.
    // Cost. lg p alpha + (p-1)/p bytes (beta + gamma); folded, 2 alpha + (1 + 1/p) bytes beta + bytes gamma more.
    // Wins for short and middle buffers, and for all when the rank count is a power of two and the network flat.
    // Source: Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005).
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.ReduceScatter, "recursive-halving", Create, Seconds, "lg p α + (p-1)/p n(β + γ), + fold")
        {
            Aliases = ["halving", "halving-doubling", "rh"],
            WinsFor = "short and middle buffers; all, when the rank count is a power of two",
        };

    private static Schedule Create(ScheduleSpec spec)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        return ProgramWriter.MakeSchedule(spec, "recursive-halving", Schedule.OwnedChunks(spec.Ranks), (program, rank) => Write(program, rank, fold));
    }

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        double block = (double)bytes / spec.Ranks;
        double halving = (fold.Steps * model.Alpha) + (fold.HalvedBlocks * block * (model.Beta + model.Gamma));
        return halving + (fold.Folds ? (2 * model.Alpha) + ((bytes + block) * model.Beta) + (bytes * model.Gamma) : 0);
    }

    private static void Write(ProgramWriter program, int rank, PowerOfTwoFold fold)
    {
        int member = fold.MemberOf(rank);
        ChunkRange everything = fold.RanksOf(new(0, fold.Members));
        var halving = new HalvingLanes(program, Exchange.Steps(member, fold.Members, nearestFirst: false, fold.RankOf, fold.RanksOf));
        if (fold.IsGuest(rank))
        {
            halving.Outgoing.Send(fold.HostOf(rank), everything);
            halving.Incoming.Recv(fold.HostOf(rank), rank);
            return;
        }

        int guest = fold.GuestOf(rank);
        if (guest >= 0)
            halving.Incoming.RecvReduce(guest, everything);
        halving.ReduceScatter();
        if (guest >= 0)
            halving.Outgoing.Send(guest, guest);
    }
}

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Recursive doubling: what a member holds doubles in each step.</summary>
internal static class RecursiveDoublingAllGather
{
    // Idea. In step k two members whose numbers differ in bit k exchange all that they hold: the blocks of their runs of 2^k members. Other rank
    // counts are folded: a guest hands its block to its host before, and gets all blocks after.
    // Cost. lg p alpha + (p-1)/p bytes beta; folded, 2 alpha + (1 + 1/p) bytes beta more.
    // Wins for short and middle buffers when the rank count is a power of two; for others Bruck's algorithm needs no fold.
    // Source: Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005).
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllGather, "recursive-doubling", Create, Seconds, "lg p α + (p-1)/p nβ, + fold")
        {
            Aliases = ["doubling", "halving-doubling", "rd"],
            WinsFor = "all buffers when the rank count is a power of two",
        };

    private static Schedule Create(ScheduleSpec spec)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        return ProgramWriter.MakeSchedule(spec, "recursive-doubling", Schedule.OwnedChunks(spec.Ranks), (program, rank) => Write(program, rank, fold));
    }

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        double block = (double)bytes / spec.Ranks;
        return (fold.Steps * model.Alpha) + (fold.HalvedBlocks * block * model.Beta) + (fold.Folds ? (2 * model.Alpha) + ((bytes + block) * model.Beta) : 0);
    }

    private static void Write(ProgramWriter program, int rank, PowerOfTwoFold fold)
    {
        ChunkRange everything = fold.RanksOf(new(0, fold.Members));
        var doubling = new HalvingLanes(program, Exchange.Steps(fold.MemberOf(rank), fold.Members, nearestFirst: false, fold.RankOf, fold.RanksOf));
        if (fold.IsGuest(rank))
        {
            doubling.Outgoing.Send(fold.HostOf(rank), rank);
            doubling.Incoming.Recv(fold.HostOf(rank), everything);
            return;
        }

        int guest = fold.GuestOf(rank);
        if (guest >= 0)
            doubling.Incoming.Recv(guest, guest);
        doubling.AllGather();
        if (guest >= 0)
            doubling.Outgoing.Send(guest, everything);
    }
}

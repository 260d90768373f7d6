using System.Numerics;

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

    private static Schedule Create(ScheduleSpec spec) =>
        new(CollectiveKind.AllReduce, "halving-doubling", spec.Ranks, Schedule.EqualChunks(new PowerOfTwoFold(spec.Ranks).Members), rank => Program(rank, spec.Ranks));

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        double share = (double)(fold.Members - 1) / fold.Members * bytes;
        int steps = 2 * BitOperations.Log2((uint)fold.Members);
        return (steps * model.Alpha) + (2 * share * model.Beta) + (share * model.Gamma) + fold.Seconds(bytes, model);
    }

    private static RankProgram Program(int rank, int ranks)
    {
        var fold = new PowerOfTwoFold(ranks);
        var everything = new ChunkRange(0, fold.Members);
        if (fold.IsGuest(rank))
            return PowerOfTwoFold.GuestProgram(rank, everything);
        if (fold.Members == 1)
            return RankProgram.Empty;

        var program = new ProgramBuilder();
        LaneBuilder outgoing = program.Lane();
        LaneBuilder incoming = program.Lane();
        int member = fold.MemberOf(rank);
        int steps = BitOperations.Log2((uint)fold.Members);

        InstructionId[] arrived = [];
        int guest = fold.GuestOf(rank);
        if (guest >= 0)
            arrived = [incoming.RecvReduce(guest, BufferId.Data, everything)];

        // Halving: `held` is the range of which this member still has a part of the sum.
        var given = new (int Partner, ChunkRange Range)[steps];
        InstructionId[] lastGiven = [];
        ChunkRange held = everything;
        for (int step = 0; step < steps; step++)
        {
            int partner = fold.RankOf(member ^ (1 << step));
            var lower = new ChunkRange(held.First, held.Count / 2);
            var upper = new ChunkRange(lower.End, held.Count / 2);
            (ChunkRange kept, ChunkRange gone) = (member >> step & 1) == 0 ? (lower, upper) : (upper, lower);
            given[step] = (partner, gone);
            lastGiven = [outgoing.Send(partner, BufferId.Data, gone, arrived)];
            arrived = [incoming.RecvReduce(partner, BufferId.Data, kept)];
            held = kept;
        }

        // Doubling: what was given away comes back finished, in the reverse order. None of it may come back before it has left; the first
        // receive waits for the last send, and the others come after both.
        for (int step = steps - 1; step >= 0; step--)
        {
            (int partner, ChunkRange range) = given[step];
            outgoing.Send(partner, BufferId.Data, held, arrived);
            arrived = [incoming.Recv(partner, BufferId.Data, range, lastGiven)];
            lastGiven = [];
            held = new(Math.Min(held.First, range.First), 2 * held.Count);
        }

        if (guest >= 0)
            outgoing.Send(guest, BufferId.Data, everything, arrived);
        return program.Build();
    }
}

using System.Numerics;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Recursive doubling: whole buffers are exchanged with partners at distance 1, 2, 4, ...</summary>
internal static class RecursiveDoublingAllReduce
{
    // Idea. In step k every member exchanges its whole partial result with the member whose number differs in bit k, and both
    // reduce: after lg p steps each has everything. Both partners reduce the same two values, one as (mine, yours) and one as
    // (yours, mine); every operation here is bitwise commutative, except that a sum of two NaNs may keep either's payload.
    // What arrives goes to scratch first, since the buffer is being sent at the same time. Other rank counts are folded.
    // Cost. lg p (alpha + bytes beta + bytes gamma), plus the fold.
    // Wins for short buffers, where the number of steps is all that counts.
    // Source: Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.AllReduce, "recursive-doubling", Create, Seconds, "lg p (α + nβ + nγ), + fold")
    {
        Aliases = ["doubling", "rd"],
        WinsFor = "short buffers",
    };

    private static Schedule Create(ScheduleSpec spec) =>
        new(CollectiveKind.AllReduce, "recursive-doubling", spec.Ranks, Schedule.EqualChunks(1), rank => Program(rank, spec.Ranks));

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        int steps = BitOperations.Log2((uint)fold.Members);
        return (steps * (model.Alpha + (bytes * (model.Beta + model.Gamma)))) + fold.Seconds(bytes, model);
    }

    private static RankProgram Program(int rank, int ranks)
    {
        var fold = new PowerOfTwoFold(ranks);
        ChunkRange everything = 0;
        if (fold.IsGuest(rank))
            return PowerOfTwoFold.GuestProgram(rank, everything);
        if (fold.Members == 1)
            return RankProgram.Empty;

        var program = new ProgramBuilder();
        LaneBuilder outgoing = program.Lane();
        LaneBuilder incoming = program.Lane();
        BufferId scratch = BufferId.Scratch();

        InstructionId[] reduced = [];
        int guest = fold.GuestOf(rank);
        if (guest >= 0)
            reduced = [incoming.RecvReduce(guest, BufferId.Data, everything)];

        int member = fold.MemberOf(rank);
        for (int distance = 1; distance < fold.Members; distance *= 2)
        {
            int partner = fold.RankOf(member ^ distance);
            InstructionId sent = outgoing.Send(partner, BufferId.Data, everything, reduced);
            incoming.Recv(partner, scratch, everything);
            reduced = [incoming.Reduce(scratch, BufferId.Data, everything, sent)];
        }

        if (guest >= 0)
            outgoing.Send(guest, BufferId.Data, everything, reduced);
        return program.Build();
    }
}

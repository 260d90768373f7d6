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

    private static Schedule Create(ScheduleSpec spec) => DoublingExchange.MakeSchedule(spec, "recursive-doubling");

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        return (fold.Steps * (model.Alpha + (bytes * (model.Beta + model.Gamma)))) + fold.Seconds(bytes, model);
    }
}

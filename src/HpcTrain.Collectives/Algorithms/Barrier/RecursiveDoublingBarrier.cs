namespace HpcTrain.Collectives.Algorithms;

/// <summary>Recursive doubling: tokens are exchanged with partners at distance 1, 2, 4, ...</summary>
internal static class RecursiveDoublingBarrier
{
    // Idea. The allreduce of the same name with a token. All messages are exchanges between two ranks. Other rank counts are folded.
    // Cost. lg p alpha; folded, 2 alpha more.
    // Wins where an exchange costs no more than a message one way, for powers of two.
    // Source: Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.Barrier, "recursive-doubling", Create, Seconds, "lg p α, + fold")
    {
        Aliases = ["doubling", "rd"],
        WinsFor = "rank counts that are powers of two",
    };

    private static Schedule Create(ScheduleSpec spec) => DoublingExchange.MakeSchedule(spec, "recursive-doubling");

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        var fold = new PowerOfTwoFold(spec.Ranks);
        return (fold.Steps + (fold.Folds ? 2 : 0)) * model.Alpha;
    }
}

namespace HpcTrain.Collectives.Algorithms;

/// <summary>A binomial tree: reduced up, broadcast down.</summary>
internal static class TreeAllReduce
{
    // Idea. Rank 0 is the root of a binomial tree: in round k of the way up, every rank whose lowest set bit is k sends its partial sum to the rank
    // without that bit. The way down runs the rounds backwards with the result. Few messages in all, 2(p-1), where everyone sends to everyone else
    // in other algorithms.
    // Cost. 2 lg p (alpha + bytes beta) + lg p bytes gamma.
    // Wins for short buffers where the network as a whole, not the slowest rank, limits; recursive doubling takes half as many steps.
    // Source: textbook; Chan, Heimlich, Purkayastha and van de Geijn, "Collective communication: theory, practice, and experience", CCPE 19 (2007).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.AllReduce, "tree", Create, Seconds, "2 lg p (α + nβ) + lg p nγ")
    {
        Aliases = ["binomial", "binomial-tree"],
        WinsFor = "short buffers on a loaded network",
    };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "tree", Schedule.EqualChunks(1), (program, rank) =>
    {
        TreeNode node = TreeNode.KNomial(rank, spec.Ranks, radix: 2);
        TreeMoves.Reduce(program, node, position => position, 0);
        TreeMoves.Broadcast(program, node, position => position, 0);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        Logarithm.Ceiling(spec.Ranks) * ((2 * (model.Alpha + (bytes * model.Beta))) + (bytes * model.Gamma));
}

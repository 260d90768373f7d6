namespace HpcTrain.Collectives.Algorithms;

/// <summary>A tree of radix 4: reduced up, broadcast down.</summary>
internal static class KNomialAllReduce
{
    // Idea. The binomial tree with fewer, wider rounds: in each one a rank serves three others, whose messages are under way at the same time. Where
    // a message's cost is mostly time of flight rather than work of its sender, three in flight cost little more than one.
    // Cost. 2 log4 p alpha when flights overlap; the closed form counts every message of a rank: 6 log4 p (alpha + bytes beta) + 3 log4 p bytes gamma.
    // Wins for short buffers over links of long latency.
    // Source: MPICH and UCC have it under this name, with the radix as a setting.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllReduce, "k-nomial", Create, Seconds, "6 log₄ p (α + nβ) + 3 log₄ p nγ, with 2 log₄ p α when latencies overlap")
        {
            Aliases = ["knomial"],
            WinsFor = "short buffers, long latencies",
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "k-nomial", Schedule.EqualChunks(1), (program, rank) =>
    {
        TreeNode node = TreeNode.KNomial(rank, spec.Ranks, TreeNode.WideRadix);
        TreeMoves.Reduce(program, node, position => position, 0);
        TreeMoves.Broadcast(program, node, position => position, 0);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        TreeNode.WideMessages(spec.Ranks) * ((2 * (model.Alpha + (bytes * model.Beta))) + (bytes * model.Gamma));
}

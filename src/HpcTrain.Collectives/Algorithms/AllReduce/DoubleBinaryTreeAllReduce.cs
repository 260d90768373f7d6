using System.Numerics;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Two complementary binary trees, each with half of the buffer: reduced up, broadcast down.</summary>
internal static class DoubleBinaryTreeAllReduce
{
    // Idea. A binary tree passes a long buffer on segment by segment, but its inner ranks send everything twice while its leaves send nothing. Two
    // trees on channels of their own, in which no rank has children twice, share that work out: each carries half of the buffer (see DoubleTree).
    // Cost. About 2 lg p alpha + 2 bytes beta + bytes gamma once the pipeline is full; a level costs two messages for each segment of a half, so the
    // closed form counts 4(lg p - 1 + S) of them in S segments.
    // Wins for middle and long buffers on many ranks: nearly the ring's traffic in logarithmic latency.
    // Source: Sanders, Speck and Traeff, "Two-tree algorithms for full bandwidth broadcast, reduction and scan", Parallel Computing 35 (2009); NCCL 2.4.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllReduce, "double-binary-tree", Create, Seconds, "4(lg p - 1 + S)(α + nβ/2S) + 2(lg p - 1 + S) nγ/2S in S segments")
        {
            Aliases = ["dbt", "double-tree"],
            Channels = 2,
            WinsFor = "middle and long buffers, many ranks",
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "double-binary-tree", Schedule.EqualChunks(2), (program, rank) =>
    {
        for (int tree = 0; tree < 2; tree++)
        {
            TreeNode node = DoubleTree.Node(tree, rank, spec.Ranks);
            TreeMoves.Reduce(program, node, position => position, tree, channel: tree);
            TreeMoves.Broadcast(program, node, position => position, tree, channel: tree);
        }
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        int levels = BitOperations.Log2((uint)spec.Ranks);
        return Pipeline.DoubleTree(levels, bytes, model, gamma: 0) + Pipeline.DoubleTree(levels, bytes, model, model.Gamma);
    }
}

namespace HpcTrain.Collectives.Algorithms;

/// <summary>A binomial scatter, then a ring allgather (van de Geijn's algorithm).</summary>
internal static class ScatterAllGatherBroadcast
{
    // Idea. A tree sends the whole buffer lg p times in a row. Here the root's buffer is first scattered, one chunk for each rank, down a binomial
    // tree: each child gets the chunks of its subtree. Then all ranks pass the chunks round a ring, and leave out what the next one has had from the tree.
    // Cost. (lg p + p-1) alpha + 2 (p-1)/p bytes beta.
    // Wins for long buffers on many ranks.
    // Source: Barnett, Gupta, Payne, Shuler, van de Geijn and Watts, "Interprocessor collective communication library (InterCom)", SHPCC 1994.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.Broadcast, "scatter-allgather", Create, Seconds, "(lg p + p-1)α + 2(p-1)/p nβ")
        {
            Aliases = ["van-de-geijn", "scatter-ring"],
            Channels = 2,
            WinsFor = "long buffers",
        };

    private static Schedule Create(ScheduleSpec spec) =>
        ProgramWriter.MakeSchedule(spec, "scatter-allgather", Schedule.EqualChunks(spec.Ranks), (program, rank) =>
        {
            // Chunk c belongs to position c: no run of chunks goes round the end.
            var order = new RootedOrder(spec);
            int position = order.PositionOf(rank);
            TreeMoves.Scatter(program, TreeNode.KNomial(position, spec.Ranks, radix: 2), position, order, blockAt: place => place);
            new Ring(program, position, spec.Ranks, channel: 1, rankAt: order.RankAt).AllGather(block => block, Has);

            bool Has(int place, int block) => block >= place && block < place + TreeNode.KNomial(place, spec.Ranks, radix: 2).Span;
        });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        ((Logarithm.Ceiling(spec.Ranks) + spec.Ranks - 1) * model.Alpha) + (2.0 * (spec.Ranks - 1) / spec.Ranks * bytes * model.Beta);
}

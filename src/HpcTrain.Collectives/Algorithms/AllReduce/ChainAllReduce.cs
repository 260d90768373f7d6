namespace HpcTrain.Collectives.Algorithms;

/// <summary>A chain of all ranks: reduced toward rank 0 and broadcast back, segment after segment.</summary>
internal static class ChainAllReduce
{
    // Idea. Each rank receives from the next, adds its own and sends to the one before; rank 0 sends the result back along the chain. An executor
    // passes segments on while more arrive, so that the chain is a pipeline: once it is full, every link carries a segment at any time.
    // Cost. 2(p-2+S) (alpha + bytes/S beta) + (p-2+S) bytes/S gamma in S segments.
    // Wins for very long buffers on few ranks in a row, and where only neighbours have links; the ring needs a link between the ends too.
    // Source: textbook; Worringen, "Pipelining and overlapping for MPI collective operations", LCN 2003.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllReduce, "chain", Create, Seconds, "2(p-2+S)(α + nβ/S) + (p-2+S) nγ/S in S segments")
        {
            Aliases = ["pipeline"],
            WinsFor = "very long buffers, ranks in a row",
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "chain", Schedule.EqualChunks(1), (program, rank) =>
    {
        TreeNode node = TreeNode.Chain(rank, spec.Ranks);
        TreeMoves.Reduce(program, node, position => position, 0);
        TreeMoves.Broadcast(program, node, position => position, 0);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        Pipeline.Chain(spec.Ranks, bytes, model, gamma: 0) + Pipeline.Chain(spec.Ranks, bytes, model, model.Gamma);
}

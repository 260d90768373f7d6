namespace HpcTrain.Pipelines.Generators;

/// <summary>Breadth-first: several chunks per rank, and all micro-batches through one before the next begins.</summary>
internal static class BreadthFirst
{
    // Idea. Chunks are placed in a loop as in the interleaved schedule, but a rank takes all micro-batches through its first chunk, then all through its second, and so on; backward in
    // reverse. So a chunk's gradients are complete early, one chunk after the other, and their reduction among replicas runs beside the backwards of the chunks before: the work of data parallelism
    // hides in that of the pipeline. (With parameters sharded among replicas, each chunk's are gathered once, too.)
    // Bubble. (S-1)/(V M + S-1) if M >= S. With fewer micro-batches a round is S steps long and each but the last wastes S-M of them.
    // Memory. V M chunk activations: those of all M micro-batches, as in GPipe; with V = 1 it is GPipe.
    // Wins with small batches and slow networks between replicas.
    // Source: Lamy-Poirier, "Breadth-First Pipeline Parallelism", MLSys 2023 (arXiv:2211.05953, 2022).
    public static PipelineGenerator Generator { get; } = new("breadth-first", Order, _ => null, Bubble, (spec, _) => spec.MicroBatches * spec.ChunksPerRank)
    {
        Aliases = ["bfs", "looped-bfs"],
        Summary = "gpipe in rounds over several chunks per rank: a chunk's gradients are complete early",
        BubbleFormula = "(S-1)/(VM+S-1) for M >= S",
        MemoryFormula = "M",
    };

    internal static double Bubble(PipelineSpec spec)
    {
        double waits = spec.Stages - 1 + ((spec.ChunksPerRank - 1) * Math.Max(0, spec.Stages - spec.MicroBatches));
        return waits / ((spec.MicroBatches * spec.ChunksPerRank) + waits);
    }

    private static IEnumerable<PipelineAction> Order(PipelineSpec spec, int rank)
    {
        for (int round = 0; round < spec.ChunksPerRank; round++)
        {
            for (int microBatch = 0; microBatch < spec.MicroBatches; microBatch++)
                yield return new(ActionKind.Forward, microBatch, (round * spec.Stages) + rank);
        }

        for (int round = spec.ChunksPerRank - 1; round >= 0; round--)
        {
            for (int microBatch = 0; microBatch < spec.MicroBatches; microBatch++)
                yield return new(ActionKind.Backward, microBatch, (round * spec.Stages) + rank);
        }
    }
}

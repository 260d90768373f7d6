namespace HpcTrain.Pipelines.Generators;

/// <summary>GPipe: all forwards, then all backwards.</summary>
internal static class GPipe
{
    // Idea. The batch is cut into M micro-batches. They go forward through the S stages one behind the other, and when all are through, backward. Backwards are taken in the
    // order of the forwards, so that gradients are added up in the same order as in every other schedule here, and have the same bits.
    // Bubble. A rank waits for S-1 micro-batches in all, at both ends together: (S-1)/(M+S-1).
    // Memory. Every rank keeps the activations of all M micro-batches.
    // Wins where memory is no matter: it has the fewest changes between forward and backward, and its messages have the most time.
    // Source: Huang et al., "GPipe: Efficient Training of Giant Neural Networks using Pipeline Parallelism", NeurIPS 2019.
    public static PipelineGenerator Generator { get; } = new(
        "gpipe", Order, spec => PipelineGenerator.OneChunk(spec, "breadth-first, which is gpipe in loops, or interleaved"),
        spec => (spec.Stages - 1.0) / (spec.MicroBatches + spec.Stages - 1), (spec, _) => spec.MicroBatches)
    {
        Summary = "all forwards, then all backwards",
        BubbleFormula = "(S-1)/(M+S-1)",
        MemoryFormula = "M",
    };

    private static IEnumerable<PipelineAction> Order(PipelineSpec spec, int rank)
    {
        for (int microBatch = 0; microBatch < spec.MicroBatches; microBatch++)
            yield return new(ActionKind.Forward, microBatch, rank);
        for (int microBatch = 0; microBatch < spec.MicroBatches; microBatch++)
            yield return new(ActionKind.Backward, microBatch, rank);
    }
}

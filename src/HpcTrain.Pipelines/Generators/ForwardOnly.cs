namespace HpcTrain.Pipelines.Generators;

/// <summary>Evaluation: micro-batches one behind the other through all chunks.</summary>
internal static class ForwardOnly
{
    // Idea. As the forward part of the breadth-first schedule; chunks are placed as in training, so that the same ranks hold the same parameters. Nothing is kept for a backward.
    // Bubble. (S-1)/(V M + S-1) if M >= S, and more with fewer micro-batches, as there.
    // Memory. One chunk activation, while it is computed.
    public static PipelineGenerator Generator { get; } = new("forward-only", Order, _ => null, BreadthFirst.Bubble, (_, _) => 1)
    {
        Purpose = PipelinePurpose.Evaluation,
        Aliases = ["evaluation"],
        Summary = "evaluation: forwards alone",
        BubbleFormula = "(S-1)/(VM+S-1) for M >= S",
        MemoryFormula = "1/V",
    };

    private static IEnumerable<PipelineAction> Order(PipelineSpec spec, int rank)
    {
        for (int round = 0; round < spec.ChunksPerRank; round++)
        {
            for (int microBatch = 0; microBatch < spec.MicroBatches; microBatch++)
                yield return new(ActionKind.Forward, microBatch, (round * spec.Stages) + rank);
        }
    }
}

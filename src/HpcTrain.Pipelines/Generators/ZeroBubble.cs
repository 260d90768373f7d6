namespace HpcTrain.Pipelines.Generators;

/// <summary>Zero-bubble, the variant ZB-H1: backwards in two halves, of which the second fills waits.</summary>
internal static class ZeroBubble
{
    // Idea. Only the gradient of a chunk's input (I) is waited for; that of its parameters (W) may come at any time before the step. So the order of 1F1B is kept for F and I, which
    // now takes half as long, and stage s puts off its W by s micro-batches: a late stage spends the time in which it would wait at the end on the W it has put off. This is
    // H1, the handcrafted schedule with the memory of 1F1B; H2 would take twice that memory to get rid of the rest.
    // Bubble. (S-1)(F+I-W) instead of (S-1)(F+I+W): with three equal parts (S-1)/(3M+S-1), a third of 1F1B's.
    // Memory. What a W still needs is kept until it is done, so a stage has S-s micro-batches under way and s put off: min(M, S) on every stage. (Where I frees a part, less.)
    // Price. A runtime that computes the halves apart: the input's gradient first, the parameters' from what was kept.
    // Needs M >= S: with fewer, the waits at the beginning are longer than what has been put off.
    // Source: Qi, Wan, Huang, Lin, "Zero Bubble Pipeline Parallelism", ICLR 2024 (arXiv:2401.10241, 2023), section 2.1.
    public static PipelineGenerator Generator { get; } = new(
        "zero-bubble", Order, Refusal, spec => (spec.Stages - 1.0) / ((3 * spec.MicroBatches) + spec.Stages - 1), (spec, _) => Math.Min(spec.MicroBatches, spec.Stages))
    {
        Aliases = ["zb-h1", "zb"],
        Summary = "1f1b with backwards in two halves, of which the second fills waits (ZB-H1)",
        BubbleFormula = "(S-1)/(3M+S-1)",
        MemoryFormula = "min(M, S)",
    };

    private static string? Refusal(PipelineSpec spec) => PipelineGenerator.OneChunk(spec, "interleaved or breadth-first")
        ?? (spec.MicroBatches < spec.Stages ? "needs at least as many micro-batches as stages; take 1f1b for fewer" : null);

    private static IEnumerable<PipelineAction> Order(PipelineSpec spec, int rank)
    {
        int warmUp = spec.Stages - 1 - rank, putOff = rank, weight = 0;
        for (int forward = 0; forward < warmUp; forward++)
            yield return new(ActionKind.Forward, forward, rank);
        for (int input = 0; input < spec.MicroBatches; input++)
        {
            bool steady = warmUp + input < spec.MicroBatches;
            if (steady)
                yield return new(ActionKind.Forward, warmUp + input, rank);
            yield return new(ActionKind.BackwardInput, input, rank);
            if (!steady || input >= putOff)
                yield return new(ActionKind.BackwardWeight, weight++, rank);
        }

        while (weight < spec.MicroBatches)
            yield return new(ActionKind.BackwardWeight, weight++, rank);
    }
}

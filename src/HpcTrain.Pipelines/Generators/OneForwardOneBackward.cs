namespace HpcTrain.Pipelines.Generators;

/// <summary>1F1B: a backward as soon as there is one, so that few micro-batches are under way.</summary>
internal static class OneForwardOneBackward
{
    // Idea. A rank warms up with as many forwards as there are stages behind it: then its first gradient is on its way. From there it does one forward and one backward in turns, and
    // at the end the backwards that are left. With fewer micro-batches than stages the warm-up is all forwards.
    // Bubble. The same as GPipe's, (S-1)/(M+S-1): the same waits, at other times.
    // Memory. Stage s keeps min(M, S-s) micro-batches, the first stage most: at most S, however large M is. So M may grow until the bubble is small.
    // Wins whenever memory matters; the usual choice.
    // Source: Narayanan et al., "Memory-Efficient Pipeline-Parallel DNN Training", ICML 2021 (PipeDream-Flush); Fan et al., "DAPPLE", PPoPP 2021.
    public static PipelineGenerator Generator { get; } = new(
        "1f1b", Order, spec => PipelineGenerator.OneChunk(spec, "interleaved or breadth-first"),
        spec => (spec.Stages - 1.0) / (spec.MicroBatches + spec.Stages - 1), (spec, rank) => Math.Min(spec.MicroBatches, spec.Stages - rank))
    {
        Aliases = ["one-forward-one-backward", "pipedream-flush"],
        Summary = "a forward and a backward in turns: few micro-batches are under way",
        BubbleFormula = "(S-1)/(M+S-1)",
        MemoryFormula = "min(M, S-s) on stage s",
    };

    private static IEnumerable<PipelineAction> Order(PipelineSpec spec, int rank)
    {
        int warmUp = Math.Min(spec.Stages - 1 - rank, spec.MicroBatches);
        for (int forward = 0; forward < warmUp; forward++)
            yield return new(ActionKind.Forward, forward, rank);
        for (int backward = 0; backward < spec.MicroBatches; backward++)
        {
            if (warmUp + backward < spec.MicroBatches)
                yield return new(ActionKind.Forward, warmUp + backward, rank);
            yield return new(ActionKind.Backward, backward, rank);
        }
    }
}

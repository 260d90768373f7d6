namespace HpcTrain.Pipelines.Generators;

/// <summary>Interleaved 1F1B: several chunks per rank, so that the pipeline fills and drains in smaller steps.</summary>
internal static class Interleaved
{
    // Idea. The model is cut into S*V chunks, and chunk c is on rank c mod S: a micro-batch goes round the ranks V times. Micro-batches go in groups of S: a group through the
    // rank's first chunk, then through its second, and so on; so when its last one has left the last rank, its first one is ready for the next round. In units of one chunk this is 1F1B
    // again, with a warm-up of V-1 rounds of S, and two more for each stage behind the rank. Backwards take the chunks in reverse.
    // Bubble. The waits are as many as in 1F1B but only a chunk long: (S-1)/(V M + S-1), about V times less.
    // Memory. Rank s keeps min(V M, (V-1) S + 2 (S-1-s) + 1) chunk activations, which are 1/V of a micro-batch each: somewhat more than 1F1B.
    // Price. V times as many messages. M has to be a multiple of S.
    // Wins where messages are cheap beside a chunk, and M cannot be large.
    // Source: Narayanan et al., "Efficient Large-Scale Language Model Training on GPU Clusters Using Megatron-LM", SC 2021.
    public static PipelineGenerator Generator { get; } = new("interleaved", Order, Refusal, Bubble, (spec, rank) => Math.Min(Work(spec), WarmUp(spec, rank) + 1))
    {
        Aliases = ["interleaved-1f1b"],
        Summary = "1f1b in rounds over several chunks per rank: waits are a chunk long",
        BubbleFormula = "(S-1)/(VM+S-1)",
        MemoryFormula = "min(VM, (V-1)S+2(S-1-s)+1)/V on stage s",
    };

    private static string? Refusal(PipelineSpec spec)
    {
        if (spec.ChunksPerRank < 2)
            return "needs at least two chunks per rank; with one it is 1f1b";
        if (spec.MicroBatches < spec.Stages)
            return "needs at least as many micro-batches as stages, since they go in groups of that many";
        return spec.MicroBatches % spec.Stages == 0 ? null : "needs a multiple of the stages as micro-batches, since they go in groups of that many";
    }

    private static double Bubble(PipelineSpec spec) => (spec.Stages - 1.0) / (Work(spec) + spec.Stages - 1);

    private static int Work(PipelineSpec spec) => spec.MicroBatches * spec.ChunksPerRank;

    private static int WarmUp(PipelineSpec spec, int rank) => (2 * (spec.Stages - 1 - rank)) + ((spec.ChunksPerRank - 1) * spec.Stages);

    private static IEnumerable<PipelineAction> Order(PipelineSpec spec, int rank)
    {
        int work = Work(spec), warmUp = Math.Min(work, WarmUp(spec, rank));
        for (int forward = 0; forward < warmUp; forward++)
            yield return Forward(spec, rank, forward);
        for (int backward = 0; backward < work; backward++)
        {
            if (warmUp + backward < work)
                yield return Forward(spec, rank, warmUp + backward);
            yield return Backward(spec, rank, backward);
        }
    }

    private static PipelineAction Forward(PipelineSpec spec, int rank, int number) => At(ActionKind.Forward, spec, rank, number, Round(spec, number));

    private static PipelineAction Backward(PipelineSpec spec, int rank, int number) =>
        At(ActionKind.Backward, spec, rank, number, spec.ChunksPerRank - 1 - Round(spec, number));

    private static int Round(PipelineSpec spec, int number) => number / spec.Stages % spec.ChunksPerRank;

    private static PipelineAction At(ActionKind kind, PipelineSpec spec, int rank, int number, int round)
    {
        int group = number / (spec.Stages * spec.ChunksPerRank);
        return new(kind, (group * spec.Stages) + (number % spec.Stages), (round * spec.Stages) + rank);
    }
}

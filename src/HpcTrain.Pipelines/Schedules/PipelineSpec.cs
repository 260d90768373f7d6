namespace HpcTrain.Pipelines;

/// <summary>What is asked of a generator.</summary>
/// <param name="Stages">The ranks of the pipeline; at least 1.</param>
/// <param name="MicroBatches">The parts of a batch; at least 1.</param>
/// <param name="ChunksPerRank">The parts of the model on each rank; at least 1.</param>
public readonly record struct PipelineSpec(int Stages, int MicroBatches, int ChunksPerRank = 1)
{
    /// <summary>The chunks of all ranks.</summary>
    public int Chunks => Stages * ChunksPerRank;

    /// <summary>The request in words, for example <c>4 stages, 8 micro-batches, 2 chunks per rank</c>.</summary>
    public override string ToString() =>
        $"{Count(Stages, "stage")}, {Count(MicroBatches, "micro-batch")}, {Count(ChunksPerRank, "chunk")} per rank";

    /// <summary>A number with its noun in the plural that it needs.</summary>
    internal static string Count(int number, string noun) =>
        number == 1 ? $"1 {noun}" : $"{number} {noun}{(noun.EndsWith("ch", StringComparison.Ordinal) ? "es" : "s")}";
}

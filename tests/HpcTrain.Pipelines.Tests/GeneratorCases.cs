namespace HpcTrain.Pipelines.Tests;

/// <summary>What is asked of every generator: 1 to 8 stages, 1 to 32 micro-batches, 1 to 4 chunks per rank.</summary>
internal static class GeneratorCases
{
    public static IEnumerable<PipelineSpec> Specs =>
        from stages in Enumerable.Range(1, 8)
        from microBatches in Enumerable.Range(1, 32)
        from chunks in Enumerable.Range(1, 4)
        select new PipelineSpec(stages, microBatches, chunks);

    public static IEnumerable<string> Names => PipelineGenerators.Names;

    public static IEnumerable<PipelineSpec> Accepted(PipelineGenerator generator) => Specs.Where(spec => generator.Refusal(spec) is null);
}

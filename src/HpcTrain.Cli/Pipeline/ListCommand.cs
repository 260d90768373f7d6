using System.Globalization;
using HpcTrain.CommandLine;
using HpcTrain.Pipelines;

namespace HpcTrain.Cli.Pipeline;

/// <summary><c>hpctrain pipeline list</c>.</summary>
internal static class ListCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<ListOptions>(
                "hpctrain pipeline list", "List the schedules of pipelines: bubble, memory, and for a given pipeline what they come to.", args,
                "S stages, M micro-batches, V chunks per rank, s a rank. Bubble: the share of the ranks' time in which they wait, if chunks take equally long, a\n" +
                "backward twice as long as a forward, and messages no time. Memory: the micro-batches whose activations a rank keeps.\n\n" +
                "Example:\n  hpctrain pipeline list --stages 4 --micro-batches 8 --chunks 2") is not { } options)
            return ExitCodes.Ok;
        PipelineSpec? spec = options.Stages is null ? null : options.Spec();
        if (spec is null && (options.MicroBatches is not null || options.Chunks != 1))
            throw new UsageException("--micro-batches and --chunks need --stages");
        if (spec is { } asked)
            Console.Out.Write($"{asked}\n");
        foreach (var generator in PipelineGenerators.All)
        {
            Console.Out.Write($"{generator.Name,-14} {generator.Summary}\n{"",-14} bubble {generator.BubbleFormula}; memory {generator.MemoryFormula}\n");
            if (spec is { } wanted)
                Console.Out.Write($"{"",-14} here: {Here(generator, wanted)}\n");
        }
        return ExitCodes.Ok;
    }

    private static string Here(PipelineGenerator generator, PipelineSpec spec) => generator.Refusal(spec) ?? string.Create(CultureInfo.InvariantCulture,
        $"bubble {generator.Bubble(spec) * 100:0.0}%, memory {(double)Enumerable.Range(0, spec.Stages).Max(rank => generator.PeakActivations(spec, rank)) / spec.ChunksPerRank:0.##}");

    private sealed class ListOptions : SpecOptions;
}

using HpcTrain.Pipelines.Generators;

namespace HpcTrain.Pipelines;

/// <summary>The generators by name.</summary>
public static class PipelineGenerators
{
    /// <summary>All generators, those of training first.</summary>
    public static IReadOnlyList<PipelineGenerator> All { get; } =
    [
        GPipe.Generator, OneForwardOneBackward.Generator, Interleaved.Generator, BreadthFirst.Generator, ZeroBubble.Generator, ForwardOnly.Generator,
    ];

    /// <summary>The names, as they are listed.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(generator => generator.Name)];

    /// <summary>Finds a generator by its name or another name of it; null when there is none.</summary>
    public static PipelineGenerator? Find(string name) => All.FirstOrDefault(generator =>
        generator.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || generator.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Makes a schedule by the name of its generator.</summary>
    /// <exception cref="PipelineException">There is no such generator, or it refuses what is asked for.</exception>
    public static PipelineSchedule Create(string name, PipelineSpec spec) =>
        (Find(name) ?? throw new PipelineException($"There is no pipeline schedule '{name}'; the schedules are {string.Join(", ", Names)}.")).Create(spec);
}

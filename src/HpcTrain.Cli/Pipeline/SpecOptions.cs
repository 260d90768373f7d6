using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Pipelines;

namespace HpcTrain.Cli.Pipeline;

/// <summary>What is asked of a generator.</summary>
internal abstract class SpecOptions : CommandOptions
{
    private const int Most = 4096, MostForwards = 1 << 20;

    [Option("stages", MetaValue = "S", HelpText = "The ranks of the pipeline.")]
    public int? Stages { get; set; }

    [Option("micro-batches", MetaValue = "M", HelpText = "The parts of a batch (default: twice the stages).")]
    public int? MicroBatches { get; set; }

    [Option("chunks", Default = 1, MetaValue = "V", HelpText = "The parts of the model on each rank, for schedules that interleave; chunk c is on rank c modulo S.")]
    public int Chunks { get; set; }

    /// <summary>What is asked, every number of it possible.</summary>
    public PipelineSpec Spec()
    {
        var stages = AtLeastOne("--stages", Stages ?? throw new UsageException("--stages is missing"));
        var spec = new PipelineSpec(stages, AtLeastOne("--micro-batches", MicroBatches ?? 2 * stages), AtLeastOne("--chunks", Chunks));
        return (long)spec.Chunks * spec.MicroBatches <= MostForwards ? spec : throw new UsageException($"{spec} are more than {MostForwards} forwards; take fewer");
    }

    /// <summary>A generator by its name.</summary>
    public static PipelineGenerator Generator(string name)
    {
        if (PipelineGenerators.Find(name) is { } generator)
            return generator;
        var near = NearestName.Find(name, PipelineGenerators.Names);
        throw new UsageException($"there is no pipeline schedule '{name}'{(near is null ? "" : $"; did you mean '{near}'?")}; the schedules are {string.Join(", ", PipelineGenerators.Names)}");
    }

    /// <summary>Makes a schedule; what the generator refuses is a mistake of the options.</summary>
    public static PipelineSchedule Create(PipelineGenerator generator, PipelineSpec spec) =>
        generator.Refusal(spec) is { } reason ? throw new UsageException(reason) : generator.Create(spec);

    private static int AtLeastOne(string option, int value) =>
        value is >= 1 and <= Most ? value : throw new UsageException($"{option} must be 1 to {Most}, not {value}");
}

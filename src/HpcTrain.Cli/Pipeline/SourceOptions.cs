using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Pipelines;

namespace HpcTrain.Cli.Pipeline;

/// <summary>Where a schedule comes from: a generator or a file.</summary>
internal abstract class SourceOptions : SpecOptions
{
    [Option("schedule", MetaValue = "NAME", HelpText = "gpipe, 1f1b, interleaved, breadth-first, zero-bubble or forward-only (see 'hpctrain pipeline list').")]
    public string? Schedule { get; set; }

    [Option("file", MetaValue = "FILE", HelpText = "A schedule in a JSON file, as --json of 'show' writes it; it is checked.")]
    public string? File { get; set; }

    [Option("memory-limit", MetaValue = "N", HelpText = "The most micro-batches whose activations a rank may keep; a schedule that keeps more is refused.")]
    public int? MemoryLimit { get; set; }

    /// <summary>The schedule, checked, and what the check found out.</summary>
    public (PipelineSchedule Schedule, PipelineReport Report) Load()
    {
        if (MemoryLimit is < 1)
            throw new UsageException($"--memory-limit must be at least 1 micro-batch, not {MemoryLimit}");
        var limit = MemoryLimit is { } most ? ActivationLimit.MicroBatches(most) : null;
        PipelineSchedule schedule;
        if (File is { } file)
        {
            if (Schedule is not null || Stages is not null || MicroBatches is not null || Chunks != 1)
                throw new UsageException("--file has a whole schedule; --schedule, --stages, --micro-batches and --chunks are for those that are made");
            schedule = PipelineJson.Load(file, limit);
        }
        else
        {
            schedule = Create(Generator(Schedule ?? throw new UsageException("name a schedule: --schedule NAME, or --file FILE")), Spec());
        }

        return (schedule, PipelineChecker.Check(schedule, limit));
    }
}

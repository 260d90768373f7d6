using System.Collections.Immutable;
using System.Globalization;
using CommandLine;
using HpcTrain.Benchmarking;
using HpcTrain.CommandLine;
using HpcTrain.Pipelines;

namespace HpcTrain.Cli.Pipeline;

/// <summary>The options of <c>hpctrain pipeline simulate</c>.</summary>
internal sealed class SimulatePipelineOptions : SourceOptions
{
    [Option("forward-ms", MetaValue = "LIST", HelpText =
        "The forward of a stage for one micro-batch: one number for all (default: 1), one per stage, or one per chunk, separated by commas. Several chunks of a stage share its time.")]
    public string? Forward { get; set; }

    [Option("backward-ms", MetaValue = "LIST", HelpText = "The backward, likewise (default: twice the forward).")]
    public string? Backward { get; set; }

    [Option("weight-share", Default = 0.5, MetaValue = "SHARE", HelpText = "The part of a backward that computes the gradients of parameters, for zero-bubble.")]
    public double WeightShare { get; set; }

    [Option("profile", MetaValue = "FILE", HelpText = "Times and bytes from a profile of layers instead, cut as 'hpctrain pipeline plan' does.")]
    public string? Profile { get; set; }

    [Option("message", Default = "0", MetaValue = "SIZE", HelpText = "What a stage sends to the next for one micro-batch; its gradient is as long.")]
    public string Message { get; set; } = "";

    [Option("bandwidth", MetaValue = "GB/S", HelpText = "The rate of the links between stages, in each direction (default: messages take only the latency).")]
    public double? Bandwidth { get; set; }

    [Option("latency-us", Default = 0.0, MetaValue = "US", HelpText = "The latency of the links between stages.")]
    public double Latency { get; set; }

    [Option("activation", Default = "0", MetaValue = "SIZE", HelpText = "What a stage keeps of one micro-batch until its backward.")]
    public string Activation { get; set; } = "";

    [Option("recompute", HelpText = "Keep the inputs of chunks alone (as long as --message), and compute forwards again before backwards.")]
    public bool Recompute { get; set; }

    [Option("reduce-ms", Default = 0.0, MetaValue = "MS", HelpText = "The reduction of a stage's gradients among replicas; it runs beside the backwards of other chunks.")]
    public double Reduce { get; set; }

    [Option("step-ms", Default = 0.0, MetaValue = "MS", HelpText = "The optimizer's step.")]
    public double Step { get; set; }

    [Option("svg", MetaValue = "FILE", HelpText = "Draw what each rank does when.")]
    public string? Svg { get; set; }

    [Option("json", MetaValue = "FILE", HelpText = "Write step, bubble and memory as JSON.")]
    public string? Json { get; set; }

    [Option("trace", MetaValue = "FILE", HelpText = "Write a timeline that Perfetto opens.")]
    public string? Trace { get; set; }

    /// <summary>What chunks and links cost.</summary>
    public PipelineCosts Costs(PipelineSchedule schedule)
    {
        if (!(WeightShare is >= 0 and <= 1))
            throw new UsageException(Invariant($"--weight-share must be from 0 to 1, not {WeightShare}"));
        var chunks = Profile is { } file ? FromProfile(schedule, file) : FromTimes(schedule);
        return new()
        {
            Chunks = Recompute ? [.. chunks.Select((chunk, index) => chunk.Recomputing(chunks[Math.Max(0, index - 1)].OutputBytes))] : chunks,
            LatencySeconds = NotNegative("--latency-us", Latency) / 1e6,
            BytesPerSecond = Bandwidth is not { } rate ? double.PositiveInfinity
                : rate > 0 && double.IsFinite(rate) ? rate * 1e9 : throw new UsageException(Invariant($"--bandwidth must be above 0, not {rate}")),
            StepSeconds = NotNegative("--step-ms", Step) / 1e3,
        };
    }

    private ImmutableArray<ChunkCost> FromProfile(PipelineSchedule schedule, string file)
    {
        if (Forward is not null || Backward is not null || Message != "0" || Activation != "0")
            throw new UsageException("--profile has times and bytes; --forward-ms, --backward-ms, --message and --activation are for simulating without one");
        var plan = PipelinePartitioner.Plan(new(LayerProfileJson.Load(file), schedule));
        return [.. plan.ChunkCosts(WeightShare).Select((chunk, index) => chunk with { Reduce = ReduceSeconds(schedule, index) })];
    }

    private ImmutableArray<ChunkCost> FromTimes(PipelineSchedule schedule)
    {
        var forward = Times("--forward-ms", Forward ?? "1", schedule);
        var backward = Backward is null ? [.. forward.Select(seconds => 2 * seconds)] : Times("--backward-ms", Backward, schedule);
        long message = Size("--message", Message), kept = Size("--activation", Activation);
        return [.. Enumerable.Range(0, schedule.Chunks).Select(chunk => new ChunkCost(forward[chunk], backward[chunk] * (1 - WeightShare), backward[chunk] * WeightShare)
        {
            ActivationBytes = kept / schedule.ChunksOf[schedule.Placement[chunk]].Length,
            OutputBytes = message,
            Reduce = ReduceSeconds(schedule, chunk),
        })];
    }

    private double ReduceSeconds(PipelineSchedule schedule, int chunk) =>
        NotNegative("--reduce-ms", Reduce) / 1e3 / schedule.ChunksOf[schedule.Placement[chunk]].Length;

    /// <summary>Seconds of each chunk.</summary>
    private static double[] Times(string option, string text, PipelineSchedule schedule)
    {
        var values = text.Split(',', StringSplitOptions.TrimEntries).Select(word =>
            double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0 && double.IsFinite(value)
                ? value / 1e3 : throw new UsageException($"{option} takes times of 0 ms or more, not '{word}'")).ToArray();
        if (values.Length == schedule.Chunks && schedule.Chunks != schedule.Stages)
            return values;
        if (values.Length != 1 && values.Length != schedule.Stages)
        {
            var chunks = schedule.Chunks == schedule.Stages ? "" : $", or {schedule.Chunks}, one per chunk";
            throw new UsageException($"{option} takes one time, or {schedule.Stages}, one per stage{chunks}; not {values.Length}");
        }
        return [.. schedule.Placement.Select(rank => values[values.Length == 1 ? 0 : rank] / schedule.ChunksOf[rank].Length)];
    }

    private static double NotNegative(string option, double value) =>
        value >= 0 && double.IsFinite(value) ? value : throw new UsageException(Invariant($"{option} must be 0 or more, not {value}"));

    private static long Size(string option, string text) => ByteSize.TryParse(text, out var bytes)
        ? bytes : throw new UsageException($"{option} must be a size such as 64K or 16M, not '{text}'");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

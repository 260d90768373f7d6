using System.Globalization;
using System.Text;
using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Pipelines;

namespace HpcTrain.Cli.Pipeline;

/// <summary><c>hpctrain pipeline show</c>.</summary>
internal static class ShowCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<ShowOptions>(
                "hpctrain pipeline show",
                "Show a schedule: what each rank computes in which slot of time, with bubble and memory. It is checked first: complete, free of deadlock\n" +
                "without any buffering, within the memory limit.", args,
                "Examples:\n" +
                "  hpctrain pipeline show --schedule 1f1b --stages 4 --micro-batches 8\n" +
                "  hpctrain pipeline show --schedule interleaved --stages 4 --micro-batches 8 --chunks 2 --svg interleaved.svg --json interleaved.json\n" +
                "  hpctrain pipeline show --file interleaved.json --rank 0") is not { } options)
            return ExitCodes.Ok;
        OutputFiles.Check(("the drawing", options.Svg), ("the schedule", options.Json));
        if (options.Width is < 40 or > 10_000)
            throw new UsageException($"--width must be 40 to 10000, not {options.Width}");
        var (schedule, report) = options.Load();
        if (options.Rank is { } rank && (uint)rank >= (uint)schedule.Stages)
            throw new UsageException($"--rank must be 0 to {schedule.Stages - 1}, not {rank}");
        Console.Out.Write(Head(schedule, report));
        Console.Out.Write(options.Rank is { } one ? Program(schedule, one) : $"\n{schedule.ToGrid(options.Width)}\n{PipelineGrid.Legend(schedule)}\n");
        OutputFiles.Write("the drawing", options.Svg, schedule.ToSvg);
        OutputFiles.Write("the schedule", options.Json, schedule.ToJson);
        return ExitCodes.Ok;
    }

    private static string Head(PipelineSchedule schedule, PipelineReport report)
    {
        var timing = PipelineSimulator.Run(schedule, PipelineCosts.Slots(schedule.Chunks));
        var kept = Enumerable.Range(0, schedule.Stages).Select(rank => ActivationMemory.PeakMicroBatches(schedule, rank)).ToArray();
        return string.Create(CultureInfo.InvariantCulture,
            $"{schedule}\nbubble {timing.Bubble * 100:0.0}% of {timing.Seconds:0} slots; {report.Messages} messages\n"
            + $"peak memory {kept.Max():0.##} micro-batches; by rank {string.Join(", ", kept.Select(one => one.ToString("0.##", CultureInfo.InvariantCulture)))}\n"
            + $"checked: complete, no deadlock without buffering; received messages wait in at most {report.Buffers.Max(one => one.Activations)} buffers of activations "
            + $"and {report.Buffers.Max(one => one.Gradients)} of gradients per chunk\n");
    }

    private static string Program(PipelineSchedule schedule, int rank)
    {
        var text = new StringBuilder($"rank {rank}\n");
        for (var action = 0; action < schedule.Programs[rank].Length; action++)
        {
            var one = schedule.Programs[rank][action];
            text.Append(CultureInfo.InvariantCulture, $"{action,6}  {one}");
            if (one.Kind.IsMessage())
                text.Append(CultureInfo.InvariantCulture, $", {(one.Kind.IsSend() ? "to" : "from")} rank {schedule.Peer(one)}");
            text.Append('\n');
        }
        return text.ToString();
    }

    private sealed class ShowOptions : SourceOptions
    {
        [Option("rank", MetaValue = "RANK", HelpText = "Instead of the grid every action of this rank, messages included.")]
        public int? Rank { get; set; }

        [Option("width", Default = 120, MetaValue = "N", HelpText = "The characters of a line; longer grids are broken.")]
        public int Width { get; set; }

        [Option("svg", MetaValue = "FILE", HelpText = "Draw it.")]
        public string? Svg { get; set; }

        [Option("json", MetaValue = "FILE", HelpText = "Write all actions, to be edited, shown, simulated and run.")]
        public string? Json { get; set; }
    }
}

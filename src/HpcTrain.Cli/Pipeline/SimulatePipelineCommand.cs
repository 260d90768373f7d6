using System.Globalization;
using System.Text;
using System.Text.Json;
using HpcTrain.Benchmarking;
using HpcTrain.CommandLine;
using HpcTrain.Drawing;
using HpcTrain.Pipelines;
using HpcTrain.Runs;

namespace HpcTrain.Cli.Pipeline;

/// <summary><c>hpctrain pipeline simulate</c>.</summary>
internal static class SimulatePipelineCommand
{
    private static readonly JsonWriterOptions s_json = new() { Indented = true };

    public static int Run(string[] args)
    {
        if (OptionParser.Parse<SimulatePipelineOptions>(
                "hpctrain pipeline simulate",
                "Simulate a step of a pipeline: its time, how much each rank waits, what it keeps. Sends run beside computations, receives are posted ahead. No MPI is needed.", args,
                "Examples:\n" +
                "  hpctrain pipeline simulate --schedule 1f1b --stages 4 --micro-batches 16 --forward-ms 10,12,12,9 --backward-ms 20,24,24,18\n" +
                "  hpctrain pipeline simulate --schedule interleaved --stages 4 --chunks 2 --forward-ms 10 --message 4M --bandwidth 10 --latency-us 5 --trace t.json\n" +
                "  hpctrain pipeline simulate --file mine.json --forward-ms 10") is not { } options)
            return ExitCodes.Ok;
        OutputFiles.Check(("the drawing", options.Svg), ("the result", options.Json), ("the timeline", options.Trace));
        var (schedule, report) = options.Load();
        var timing = PipelineSimulator.Run(schedule, options.Costs(schedule));
        Console.Out.Write(Text(timing, report));
        OutputFiles.Write("the drawing", options.Svg, timing.ToSvg);
        OutputFiles.Write("the result", options.Json, () => Json(timing));
        if (options.Trace is { } trace)
        {
            OutputFile.Write("the timeline", trace, stream => PipelineTrace.Write(stream, timing));
            Console.Error.WriteLine($"hpctrain: wrote {trace}");
        }
        return ExitCodes.Ok;
    }

    private static string Text(PipelineTiming timing, PipelineReport report)
    {
        var schedule = timing.Schedule;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{schedule}\nstep {Unit.Seconds.Format(timing.Seconds)}, bubble {timing.Bubble * 100:0.0}%, {report.Messages} messages\n\n");
        text.Append("rank      busy   waits  micro-batches kept        peak  chunks\n");
        for (var rank = 0; rank < schedule.Stages; rank++)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{rank,4}  {Unit.Seconds.Format(timing.BusySeconds[rank]),8}  {timing.BubbleOf(rank) * 100,5:0.0}%  {ActivationMemory.PeakMicroBatches(schedule, rank),18:0.##}"
                + $"  {(timing.PeakBytes(rank) is var peak and > 0 ? ByteSize.Rounded(peak) : "-"),10}  {string.Join(", ", schedule.ChunksOf[rank])}\n");
        }
        return text.ToString();
    }

    private static string Json(PipelineTiming timing)
    {
        var schedule = timing.Schedule;
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_json))
        {
            json.WriteStartObject();
            json.WriteString("schedule", schedule.Name);
            json.WriteNumber("stages", schedule.Stages);
            json.WriteNumber("chunks", schedule.Chunks);
            json.WriteNumber("micro_batches", schedule.MicroBatches);
            json.WriteNumber("step_ms", timing.Seconds * 1e3);
            json.WriteNumber("bubble", timing.Bubble);
            json.WriteStartArray("ranks");
            for (var rank = 0; rank < schedule.Stages; rank++)
            {
                json.WriteStartObject();
                json.WriteNumber("rank", rank);
                json.WriteNumber("busy_ms", timing.BusySeconds[rank] * 1e3);
                json.WriteNumber("bubble", timing.BubbleOf(rank));
                json.WriteNumber("peak_micro_batches", ActivationMemory.PeakMicroBatches(schedule, rank));
                json.WriteNumber("peak_bytes", timing.PeakBytes(rank));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}

using System.Globalization;
using System.Text.Json;

namespace HpcTrain.Pipelines;

/// <summary>Pipeline schedules as JSON files, one line per action. <c>purpose</c> may be left out where it is training.</summary>
/// <example>
/// <code>
/// {
///   "format": "hpctrain-pipeline", "version": 1,
///   "name": "1f1b", "purpose": "training", "micro_batches": 2,
///   "placement": [0, 1],
///   "programs": [
///     {"rank": 0, "actions": [
///       {"do": "forward", "micro_batch": 0, "chunk": 0},
///       {"do": "send-activation", "micro_batch": 0, "chunk": 0},
///       ...
///       {"do": "reduce-gradients", "chunk": 0},
///       {"do": "step"}]},
///     ...
/// </code>
/// </example>
public static partial class PipelineJson
{
    /// <summary>What stands under <c>format</c> in every file.</summary>
    public const string Format = "hpctrain-pipeline";

    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    private static readonly string[] s_purposes = ["training", "evaluation"];

    /// <summary>The schedule as JSON.</summary>
    public static string ToJson(this PipelineSchedule schedule)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.Write($$"""
            {
              "format": "{{Format}}", "version": {{Version}},
              "name": {{JsonSerializer.Serialize(schedule.Name)}}, "purpose": "{{s_purposes[(int)schedule.Purpose]}}", "micro_batches": {{schedule.MicroBatches}},
              "placement": [{{string.Join(", ", schedule.Placement)}}],
              "programs": [
            """);
        for (int rank = 0; rank < schedule.Stages; rank++)
        {
            text.Write(rank == 0 ? "\n" : ",\n");
            text.Write($"    {{\"rank\": {rank}, \"actions\": [");
            string separator = "\n      ";
            foreach (PipelineAction action in schedule.Programs[rank])
            {
                text.Write($"{separator}{{\"do\": \"{action.Kind.Name()}\"");
                if (action.Kind.HasMicroBatch())
                    text.Write($", \"micro_batch\": {action.MicroBatch}");
                text.Write(action.Kind == ActionKind.Step ? "}" : $", \"chunk\": {action.Chunk}}}");
                separator = ",\n      ";
            }

            text.Write("]}");
        }

        text.Write("\n  ]\n}\n");
        return text.ToString();
    }
}

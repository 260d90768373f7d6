using System.Text.Json;
using System.Text.Json.Serialization;

namespace HpcTrain.Runs;

/// <summary>How a run folder's files are written: snake_case keys, no reflection at start-up.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StepMetrics))]
[JsonSerializable(typeof(RunStatus))]
[JsonSerializable(typeof(RunSummary))]
internal sealed partial class RunJson : JsonSerializerContext
{
    /// <summary>For the files that people open: indented.</summary>
    public static RunJson Indented => field ??= new RunJson(new JsonSerializerOptions(Default.Options) { WriteIndented = true });
}

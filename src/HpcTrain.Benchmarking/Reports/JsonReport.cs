using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HpcTrain.Benchmarking.Reports;

/// <summary>The JSON file: one object.</summary>
/// <param name="Complete">Whether everything that was asked for was measured: false in a file of a run that goes on or was cut short.</param>
/// <param name="Environment">What the figures were taken on.</param>
/// <param name="Notes">What was left out, and why.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Summary">What they say together.</param>
internal sealed record JsonReport(bool Complete, RunFacts Environment, IReadOnlyList<string> Notes, IReadOnlyList<BenchmarkRow> Rows, ResultSummary Summary)
{
    /// <summary>The text of the file. Keys are in snake_case; a key whose value is not known is there, as null.</summary>
    public string Render() => JsonSerializer.Serialize(this, JsonReportContext.Indented.JsonReport) + "\n";
}

[JsonSerializable(typeof(JsonReport))]
internal sealed partial class JsonReportContext : JsonSerializerContext
{
    public static JsonReportContext Indented { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace HpcTrain.Cli.Schedules;

/// <summary>What <c>schedules list --json</c> prints.</summary>
internal static class SchedulesJson
{
    public static string Of(ListedAlgorithm[] rows) => JsonSerializer.Serialize(rows, SchedulesJsonContext.Default.ListedAlgorithmArray);
}

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ListedAlgorithm[]))]
internal sealed partial class SchedulesJsonContext : JsonSerializerContext;

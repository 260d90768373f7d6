using System.Text.Json;
using System.Text.Json.Serialization;
using HpcTrain.Data;
using HpcTrain.Kernels;

namespace HpcTrain.Cli.Data;

/// <summary>What <c>data inspect --json</c> and <c>data verify --json</c> print.</summary>
internal static class DataJson
{
    public static string Of(VerificationResult result) => JsonSerializer.Serialize(
        new VerifyReport(
            result.Folder, result.IsWhole, result.Manifest.Samples, result.Manifest.Shards.Count, result.Manifest.Fingerprint,
            result.Problems),
        DataJsonContext.Default.VerifyReport);

    public static string Of(ShardedDataset dataset) => JsonSerializer.Serialize(
        new InspectReport(
            dataset.Folder, dataset.Count, dataset.Fingerprint,
            [.. dataset.Fields.Select(field => new FieldReport(
                field.Name, field.Type.Name(), field.Shape, field.ChunkSamples, field.BytesPerSample))],
            [.. dataset.Manifest.Shards.Select(shard => new ShardReport(shard.File, shard.Samples, shard.Bytes))],
            dataset.Fields.Sum(field => field.BytesPerSample) * dataset.Count,
            dataset.Manifest.Shards.Sum(shard => shard.Bytes),
            dataset.Manifest.Source),
        DataJsonContext.Default.InspectReport);
}

internal sealed record VerifyReport(string Folder, bool Whole, long Samples, int Shards, string Fingerprint, IReadOnlyList<string> Problems);

internal sealed record InspectReport(
    string Folder, long Samples, string Fingerprint, IReadOnlyList<FieldReport> Fields, IReadOnlyList<ShardReport> Shards,
    long DecodedBytes, long FileBytes, ImportSource? Source);

internal sealed record FieldReport(string Name, string Type, IReadOnlyList<long> Shape, int Chunk, long BytesPerSample);

internal sealed record ShardReport(string File, long Samples, long Bytes);

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(InspectReport))]
internal sealed partial class DataJsonContext : JsonSerializerContext;

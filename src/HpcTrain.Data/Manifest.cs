using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using HpcTrain.Kernels;

namespace HpcTrain.Data;

/// <summary>One shard file as the manifest lists it.</summary>
/// <param name="File">The file's name in the dataset's folder, without a path.</param>
/// <param name="Samples">Samples in the shard.</param>
/// <param name="Bytes">The size of the file.</param>
/// <param name="Checksum">Of the whole file, lower-case hexadecimal, by <see cref="Manifest.Checksum"/>.</param>
public sealed record ShardEntry(string File, long Samples, long Bytes, string Checksum);

/// <summary>What a dataset was imported from, so that the same import can be recognised.</summary>
/// <param name="Importer">"idx", "csv", "npy", "text", or another writer's name.</param>
/// <param name="Options">What shaped the result, by name.</param>
/// <param name="Inputs">The input files.</param>
public sealed record ImportSource(string Importer, IReadOnlyDictionary<string, string> Options, IReadOnlyList<SourceFile> Inputs);

/// <summary>An input file of an import.</summary>
/// <param name="Name">The file's name without its folder.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Of the whole file as it lay on disk, lower-case hexadecimal.</param>
public sealed record SourceFile(string Name, long Bytes, string Sha256);

/// <summary>
/// manifest.json: the table of contents of a dataset. It is written last, so a folder that has one is whole.
/// <see cref="Fingerprint"/> covers fields, shards and vocabulary, so a changed byte in any of them is noticed.
/// </summary>
public sealed record Manifest
{
    /// <summary>The manifest's name in a dataset's folder.</summary>
    public const string FileName = "manifest.json";

    internal const string FormatName = "hpctrain-dataset";
    internal const int CurrentVersion = 1;

    /// <summary>Always "hpctrain-dataset".</summary>
    public required string Format { get; init; }

    /// <summary>The version of the format; this library reads 1.</summary>
    public required int Version { get; init; }

    /// <summary>Identifies schema and contents: SHA-256 over fields, counts, checksums and the vocabulary, lower-case hexadecimal. Equal for
    /// equal data, wherever and whenever it was imported.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Samples over all shards.</summary>
    public required long Samples { get; init; }

    /// <summary>The algorithm of the shards' checksums: "sha256".</summary>
    public required string Checksum { get; init; }

    /// <summary>The fields of every sample.</summary>
    public required IReadOnlyList<FieldSchema> Fields { get; init; }

    /// <summary>The shards, in the order of the samples.</summary>
    public required IReadOnlyList<ShardEntry> Shards { get; init; }

    /// <summary>The character of each id of a text, for <see cref="Data.Vocabulary"/>; null for other data.</summary>
    public IReadOnlyList<string>? Vocabulary { get; init; }

    /// <summary>Where the data came from, if an importer wrote it.</summary>
    public ImportSource? Source { get; init; }

    internal static Manifest Create(IReadOnlyList<FieldSchema> fields, IReadOnlyList<ShardEntry> shards, ImportSource? source, Vocabulary? vocabulary = null) => new()
    {
        Format = FormatName,
        Version = CurrentVersion,
        Fingerprint = FingerprintOf(fields, shards, vocabulary?.Characters),
        Samples = shards.Sum(shard => shard.Samples),
        Checksum = "sha256",
        Fields = fields,
        Shards = shards,
        Vocabulary = vocabulary?.Characters,
        Source = source,
    };

    /// <summary>Reads and checks the manifest in <paramref name="folder"/>; the shards themselves are not looked at.</summary>
    /// <exception cref="DatasetException">There is none, or it is damaged or of a newer version.</exception>
    public static Manifest Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        Manifest manifest;
        try
        {
            using var stream = File.OpenRead(path);
            manifest = JsonSerializer.Deserialize(stream, ManifestJson.Default.Manifest)
                ?? throw new JsonException("it holds nothing");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NoDataset(folder, e);
        }
        catch (JsonException e)
        {
            throw new DatasetException(
                $"{path} cannot be understood ({e.Message.TrimEnd('.')}); import the dataset again.", inner: e);
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("read", path, e);
        }
        manifest.Validate(path);
        return manifest;
    }

    internal byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.Manifest), (byte)'\n'];

    private static DatasetException NoDataset(string folder, Exception cause) => new(
        Directory.Exists(folder)
            ? $"{folder} holds no dataset (there is no {FileName}); name the folder that 'hpctrain data import' wrote, or import it again."
            : $"There is no dataset at {folder}; check the path, or make it with 'hpctrain data import'.",
        inner: cause);

    private void Validate(string path)
    {
        if (Format != FormatName)
            throw new DatasetException(
                $"{path} is no manifest of a dataset (format \"{Format}\"); name the folder that 'hpctrain data import' " +
                "wrote.");
        if (Version != CurrentVersion)
            throw new DatasetException(
                $"{path} has format version {Version}, but this hpctrain reads version {CurrentVersion}; use the hpctrain " +
                "that wrote it.");
        if (Checksum != "sha256")
            throw new DatasetException(
                $"{path} names the checksum \"{Checksum}\", but this hpctrain knows sha256; use the hpctrain that wrote it.");
        foreach (var field in Fields)
            field.Validate(path);
        if (Shards.Any(shard => Path.GetFileName(shard.File) != shard.File || shard.File.Length == 0 || shard.Samples < 1)
            || Fields.Count == 0 || Fields.Any(field => field.ChunkSamples < 1)
            || Fields.Select(field => field.Name).Distinct().Count() != Fields.Count
            || Samples < 1 || Samples != Shards.Sum(shard => shard.Samples) || Fingerprint != FingerprintOf(Fields, Shards, Vocabulary))
            throw new DatasetException($"{path} is damaged (its parts contradict each other); import the dataset again.");
    }

    private static string FingerprintOf(
        IReadOnlyList<FieldSchema> fields, IReadOnlyList<ShardEntry> shards, IReadOnlyList<string>? vocabulary)
    {
        var text = new StringBuilder();
        foreach (var field in fields)
            text.Append(CultureInfo.InvariantCulture, $"field {field} {field.ChunkSamples}\n");
        foreach (var shard in shards)
            text.Append(CultureInfo.InvariantCulture, $"shard {shard.File} {shard.Samples} {shard.Bytes} {shard.Checksum}\n");
        foreach (var character in vocabulary ?? [])
            text.Append(CultureInfo.InvariantCulture, $"character {character}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(ElementTypeJson)])]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;

/// <summary>Element types in JSON by their names: "u8", "f32".</summary>
internal sealed class ElementTypeJson : JsonConverter<ElementType>
{
    public override ElementType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var name = reader.GetString();
        return ElementTypes.TryParse(name, out var type) ? type : throw new JsonException($"\"{name}\" is no element type");
    }

    public override void Write(Utf8JsonWriter writer, ElementType value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Name());
}

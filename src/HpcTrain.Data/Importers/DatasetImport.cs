using System.Globalization;

namespace HpcTrain.Data;

/// <summary>What an import does when there is a dataset at its target already.</summary>
public enum ExistingDataset
{
    /// <summary>Refuse.</summary>
    Refuse,
    /// <summary>Keep it if it is whole and came from the same input with the same options; refuse otherwise.</summary>
    KeepIdentical,
    /// <summary>Replace it, once the new one is whole.</summary>
    Replace,
}

/// <summary>Options of <see cref="DatasetImport.Run"/>.</summary>
public sealed record ImportOptions
{
    /// <summary>Samples per shard file; 0 for a good size.</summary>
    public int ShardSamples { get; init; }

    /// <summary>Samples per chunk of the largest field; 0 for a good size.</summary>
    public int ChunkSamples { get; init; }

    /// <summary>zlib's level, 0 (no compression) to 9.</summary>
    public int Deflate { get; init; } = 4;

    /// <summary>What to do when the target exists.</summary>
    public ExistingDataset Existing { get; init; } = ExistingDataset.Refuse;

    /// <summary>Called after every few MiB and at the end, from the importing thread.</summary>
    public Action<ImportProgress>? OnProgress { get; init; }
}

/// <summary>How far an import has come.</summary>
/// <param name="Samples">Samples read so far.</param>
/// <param name="TotalSamples">Of so many, where that is known.</param>
/// <param name="Fraction">From 0 to 1.</param>
public readonly record struct ImportProgress(long Samples, long? TotalSamples, double Fraction);

/// <summary>What an import did.</summary>
/// <param name="Manifest">The dataset's table of contents.</param>
/// <param name="Imported">False when an identical dataset was there already, and nothing was done.</param>
public readonly record struct ImportResult(Manifest Manifest, bool Imported);

/// <summary>Turns input files into a dataset.</summary>
public static class DatasetImport
{
    private const long BufferBytes = 4L << 20;

    /// <summary>
    /// Reads all samples and writes the dataset. It appears at <paramref name="folder"/> only when it is whole; an interrupted
    /// import leaves nothing there, and the next one clears its remains. Memory holds a few MiB and one chunk per field.
    /// </summary>
    /// <exception cref="DatasetException">The input is not as expected, or the dataset cannot be written.</exception>
    public static ImportResult Run(SampleReader reader, string folder, ImportOptions? options = null)
    {
        options ??= new ImportOptions();
        if (options.Existing == ExistingDataset.KeepIdentical && FindIdentical(reader, folder, options) is { } same)
            return new ImportResult(same, Imported: false);

        using var writer = DatasetWriter.Create(folder, reader.Fields, new WriterOptions
        {
            ShardSamples = options.ShardSamples,
            ChunkSamples = options.ChunkSamples,
            Deflate = options.Deflate,
            Replace = options.Existing == ExistingDataset.Replace,
        });
        var samples = (int)Math.Clamp(BufferBytes / reader.Fields.Sum(field => field.BytesPerSample), 1, 1 << 16);
        var buffers = reader.Fields.Select(field => new byte[samples * field.BytesPerSample].AsMemory()).ToArray();
        var filled = new ReadOnlyMemory<byte>[buffers.Length];
        while (reader.Read(samples, buffers) is var read and > 0)
        {
            for (var field = 0; field < buffers.Length; field++)
                filled[field] = buffers[field][..(int)(read * reader.Fields[field].BytesPerSample)];
            writer.Append(read, filled);
            options.OnProgress?.Invoke(new ImportProgress(writer.Count, reader.Count, reader.Progress));
        }
        if (writer.Count == 0)
            throw new DatasetException($"{string.Join(" and ", reader.Inputs)} hold no samples; check the input.");
        var manifest = writer.Commit(new ImportSource(reader.Importer, Describe(reader, options), reader.DescribeInputs()), reader.Vocabulary);
        options.OnProgress?.Invoke(new ImportProgress(writer.Count, writer.Count, 1));
        return new ImportResult(manifest, Imported: true);
    }

    // The dataset at the folder if the same import made it and its files are there; null if there is none.
    private static Manifest? FindIdentical(SampleReader reader, string folder, ImportOptions options)
    {
        if (!File.Exists(Path.Combine(folder, Manifest.FileName)))
            return null;
        using var dataset = OpenWhole(folder);
        var source = dataset.Manifest.Source;
        if (source is null || source.Importer != reader.Importer)
            throw Different(folder, $"it was made by {(source is null ? "a program" : $"the {source.Importer} importer")}");
        var wanted = Describe(reader, options);
        foreach (var name in wanted.Keys.Union(source.Options.Keys))
            if (wanted.GetValueOrDefault(name) != source.Options.GetValueOrDefault(name))
                throw Different(folder, $"its {name} is {ValueOf(source.Options, name)}, not {ValueOf(wanted, name)}");
        if (!(reader.Vocabulary?.Characters ?? []).SequenceEqual(dataset.Manifest.Vocabulary ?? []))
            throw Different(folder, "it has another vocabulary");
        if (source.Inputs.Count != reader.Inputs.Count)
            throw Different(folder, $"it was made from {source.Inputs.Count} files");
        foreach (var (input, path) in source.Inputs.Zip(reader.Inputs))
            if (new FileInfo(path).Length != input.Bytes || FileHash.Sha256(path) != input.Sha256)
                throw Different(folder, $"it was made from another {input.Name} than {path}");
        return dataset.Manifest;
    }

    private static string ValueOf(IReadOnlyDictionary<string, string> options, string name) =>
        options.GetValueOrDefault(name) ?? "the default";

    private static ShardedDataset OpenWhole(string folder)
    {
        try
        {
            return ShardedDataset.Open(folder);
        }
        catch (DatasetException e)
        {
            throw new DatasetException($"The dataset at {folder} is not whole, give --overwrite to replace it: {e.Message}", e.Fault, e);
        }
    }

    private static DatasetException Different(string folder, string how) => new(
        $"There is another dataset at {folder} already: {how}; give --overwrite to replace it, or another folder.", DatasetFault.InputOutput);

    private static SortedDictionary<string, string> Describe(SampleReader reader, ImportOptions options)
    {
        var described = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in reader.Options)
            described[name] = value;
        described["deflate"] = options.Deflate.ToString(CultureInfo.InvariantCulture);
        if (options.ShardSamples > 0)
            described["shard-samples"] = options.ShardSamples.ToString(CultureInfo.InvariantCulture);
        if (options.ChunkSamples > 0)
            described["chunk"] = options.ChunkSamples.ToString(CultureInfo.InvariantCulture);
        return described;
    }
}

using HpcTrain.Data.Hdf5;
using HpcTrain.Data.Writing;

namespace HpcTrain.Data;

/// <summary>
/// Writes a dataset: samples go in, shards and at last the manifest come out. Memory holds one chunk per field. The dataset
/// appears at its place only with <see cref="Commit"/>; without it, or when the process dies, nothing is there. Not safe for
/// concurrent use.
/// </summary>
/// <example><code>
/// FieldSchema[] fields = [new("image", ElementType.U8, [1, 28, 28]), new("label", ElementType.U8, [])];
/// using var writer = DatasetWriter.Create("data/train", fields);
/// writer.Append(100, imageBytes, labelBytes);
/// writer.Commit();
/// </code></example>
public sealed class DatasetWriter : IDisposable
{
    private readonly StagingFolder staging;
    private readonly WriterOptions options;
    private readonly int shardSamples;
    private readonly List<ShardEntry> shards = [];
    private readonly byte[][] chunks;
    private readonly int[] chunkFill;
    private ShardWriter? shard;
    private long shardFill;

    private DatasetWriter(StagingFolder staging, IReadOnlyList<FieldSchema> fields, WriterOptions options)
    {
        this.staging = staging;
        this.options = options;
        (Fields, shardSamples) = Layout.Choose(fields, options);
        chunks = [.. Fields.Select(field => new byte[checked(field.ChunkSamples * field.BytesPerSample)])];
        chunkFill = new int[fields.Count];
    }

    /// <summary>The fields with the chunk sizes chosen for them.</summary>
    public IReadOnlyList<FieldSchema> Fields { get; }

    /// <summary>Samples appended so far.</summary>
    public long Count { get; private set; }

    /// <summary>Shards finished so far.</summary>
    public int ShardsFinished => shards.Count;

    /// <summary>Begins a dataset that will appear in <paramref name="folder"/>.</summary>
    /// <exception cref="DatasetException">The folder is taken, cannot be written, or the fields or options make no
    /// sense.</exception>
    public static DatasetWriter Create(string folder, IReadOnlyList<FieldSchema> fields, WriterOptions? options = null)
    {
        options ??= new WriterOptions();
        options.Validate();
        if (fields.Count == 0)
            throw new DatasetException($"A dataset needs at least one field; {folder} was given none.");
        foreach (var field in fields)
            field.Validate(folder);
        if (fields.GroupBy(field => field.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new DatasetException($"The field '{twice.Key}' is there twice; give every field of {folder} its own name.");
        var staging = new StagingFolder(folder, options.Replace);
        try
        {
            return new DatasetWriter(staging, fields, options);
        }
        catch
        {
            staging.Dispose();
            throw;
        }
    }

    /// <summary>Appends samples.</summary>
    /// <param name="samples">How many.</param>
    /// <param name="data">Per field, in the order of <see cref="Fields"/>: samples x BytesPerSample bytes,
    /// little-endian.</param>
    /// <exception cref="ArgumentException">Not one buffer per field, or one of the wrong size.</exception>
    /// <exception cref="DatasetException">A shard cannot be written.</exception>
    public void Append(int samples, params IReadOnlyList<ReadOnlyMemory<byte>> data)
    {
        if (data.Count != Fields.Count || Fields.Where((field, i) => data[i].Length != samples * field.BytesPerSample).Any())
            throw new ArgumentException($"Append needs {Fields.Count} buffers of {samples} samples each.", nameof(data));
        for (var done = 0; done < samples;)
        {
            var part = (int)Math.Min(samples - done, shardSamples - shardFill);
            shard ??= new ShardWriter(Path.Combine(staging.Path, ShardFormat.FileName(shards.Count)), Fields, shardSamples, options);
            for (var field = 0; field < Fields.Count; field++)
            {
                var size = (int)Fields[field].BytesPerSample;
                AppendToField(field, data[field].Span.Slice(done * size, part * size), part);
            }
            done += part;
            shardFill += part;
            Count += part;
            if (shardFill == shardSamples)
                FinishShard();
        }
    }

    /// <summary>Writes what is left and the manifest, forces all to the disk, and makes the dataset appear at its
    /// place.</summary>
    /// <param name="source">Where the data came from, for the manifest.</param>
    /// <param name="vocabulary">What ids in the fields stand for, for the manifest.</param>
    /// <exception cref="DatasetException">There are no samples, or something cannot be written.</exception>
    public Manifest Commit(ImportSource? source = null, Vocabulary? vocabulary = null)
    {
        if (Count == 0)
            throw new DatasetException("There are no samples to write; check the input.");
        if (shardFill > 0)
            FinishShard();
        var manifest = Manifest.Create(Fields, shards, source, vocabulary);
        var path = Path.Combine(staging.Path, Manifest.FileName);
        try
        {
            using (var stream = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None, 0))
            {
                stream.Write(manifest.ToJson());
                stream.Flush(flushToDisk: true);
            }
            File.Move(path + ".tmp", path);
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("write", path, e);
        }
        staging.Commit();
        return manifest;
    }

    /// <summary>Without <see cref="Commit"/>: removes what was written.</summary>
    public void Dispose()
    {
        shard?.Dispose();
        staging.Dispose();
    }

    private void AppendToField(int field, ReadOnlySpan<byte> data, int samples)
    {
        var size = (int)Fields[field].BytesPerSample;
        for (var done = 0; done < samples;)
        {
            var part = Math.Min(samples - done, Fields[field].ChunkSamples - chunkFill[field]);
            data.Slice(done * size, part * size).CopyTo(chunks[field].AsSpan(chunkFill[field] * size));
            chunkFill[field] += part;
            done += part;
            if (chunkFill[field] == Fields[field].ChunkSamples)
                WriteChunk(field);
        }
    }

    private void WriteChunk(int field)
    {
        var samples = chunkFill[field];
        if (samples == 0)
            return;
        shard!.Append(field, chunks[field].AsSpan(0, (int)(samples * Fields[field].BytesPerSample)), samples);
        chunkFill[field] = 0;
    }

    private void FinishShard()
    {
        for (var field = 0; field < Fields.Count; field++)
            WriteChunk(field);
        shard!.Finish(shards.Count, Count - shardFill);
        shard = null;
        var path = Path.Combine(staging.Path, ShardFormat.FileName(shards.Count));
        try
        {
            FolderSync.File(path);
            shards.Add(new ShardEntry(Path.GetFileName(path), shardFill, new FileInfo(path).Length, FileHash.Sha256(path)));
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("write", path, e);
        }
        shardFill = 0;
    }
}

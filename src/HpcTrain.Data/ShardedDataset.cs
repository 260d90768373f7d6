using System.Runtime.InteropServices;
using HpcTrain.Data.Hdf5;
using HpcTrain.Kernels;

namespace HpcTrain.Data;

/// <summary>How much <see cref="ShardedDataset.Open(string, DatasetOptions?)"/> checks before it returns.</summary>
public enum DatasetCheck
{
    /// <summary>The manifest, and that every shard is there with the right size. One look at each file's entry.</summary>
    Sizes,
    /// <summary>Also opens every shard and compares counts, types, shapes and chunks with the manifest.</summary>
    Schema,
    /// <summary>Also reads every shard and compares its checksum.</summary>
    Checksums,
}

/// <summary>Options of <see cref="ShardedDataset.Open(string, DatasetOptions?)"/>.</summary>
public sealed record DatasetOptions
{
    /// <summary>What is checked at once. A shard's schema is checked at its first use in any case.</summary>
    public DatasetCheck Check { get; init; } = DatasetCheck.Sizes;

    /// <summary>Shard files held open at a time, at least 1; the one opened first is closed when another is needed.</summary>
    public int OpenShards { get; init; } = 64;
}

/// <summary>
/// A folder of HDF5 shards with its manifest, open for reading. Samples are numbered from 0 through all shards. Members may be
/// called from any thread; calls into HDF5 wait for each other.
/// </summary>
public sealed class ShardedDataset : IDisposable
{
    private readonly DatasetOptions options;
    private readonly long[] firstSample;
    private readonly ShardReader?[] readers;
    private readonly Queue<int> opened = new();
    private bool disposed;

    private ShardedDataset(string folder, Manifest manifest, DatasetOptions options)
    {
        Folder = folder;
        Manifest = manifest;
        this.options = options;
        readers = new ShardReader?[manifest.Shards.Count];
        firstSample = new long[manifest.Shards.Count + 1];
        for (var i = 0; i < manifest.Shards.Count; i++)
            firstSample[i + 1] = firstSample[i] + manifest.Shards[i].Samples;
    }

    /// <summary>The dataset's folder, as a full path.</summary>
    public string Folder { get; }

    /// <summary>Samples over all shards.</summary>
    public long Count => Manifest.Samples;

    /// <summary>The table of contents.</summary>
    public Manifest Manifest { get; }

    /// <summary>The fields of every sample.</summary>
    public IReadOnlyList<FieldSchema> Fields => Manifest.Fields;

    /// <summary>Identifies schema and contents: equal for equal data; see <see cref="Manifest.Fingerprint"/>.</summary>
    public string Fingerprint => Manifest.Fingerprint;

    /// <summary>Opens the dataset in <paramref name="folder"/>.</summary>
    /// <param name="folder">The folder that an import wrote.</param>
    /// <param name="options">What to check at once; by default manifest and sizes.</param>
    /// <exception cref="DatasetException">There is no dataset, a shard is missing or cut short, or a check failed.</exception>
    public static ShardedDataset Open(string folder, DatasetOptions? options = null)
    {
        options ??= new DatasetOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.OpenShards, 1);
        var dataset = OpenManifest(folder, options);
        try
        {
            for (var shard = 0; shard < dataset.Manifest.Shards.Count; shard++)
            {
                dataset.CheckSize(shard);
                if (options.Check >= DatasetCheck.Checksums)
                    dataset.CheckChecksum(shard);
                if (options.Check >= DatasetCheck.Schema)
                    dataset.CheckSchema(shard);
            }
            return dataset;
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }

    /// <summary>Checks size, checksum and schema of one shard; reads the whole file. May be called from any thread.</summary>
    /// <param name="shard">Its place in <see cref="Manifest.Shards"/>.</param>
    /// <exception cref="DatasetException">The shard is not what was imported; the message names it.</exception>
    public void Verify(int shard)
    {
        CheckSize(shard);
        CheckChecksum(shard);
        CheckSchema(shard);
    }

    /// <summary>The index in <see cref="Fields"/> of the field called <paramref name="name"/>.</summary>
    /// <exception cref="DatasetException">There is none; the message lists the fields.</exception>
    public int FieldIndex(string name)
    {
        for (var i = 0; i < Fields.Count; i++)
            if (Fields[i].Name == name)
                return i;
        throw new DatasetException(
            $"The dataset {Folder} has no field '{name}'; its fields are {string.Join(", ", Fields.Select(field => field.Name))}.");
    }

    /// <summary>Reads samples [first, first + count) of one field as they are stored.</summary>
    /// <typeparam name="T">The field's element type.</typeparam>
    /// <param name="field">The field's name.</param>
    /// <param name="first">The first sample.</param>
    /// <param name="count">The number of samples.</param>
    /// <returns>count x ElementsPerSample elements, sample after sample.</returns>
    /// <exception cref="DatasetException">No such field, elements of another type, or a shard that cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Samples that the dataset has not.</exception>
    public T[] Read<T>(string field, long first, int count) where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + count, Count, nameof(count));
        var index = FieldIndex(field);
        var schema = Fields[index];
        if (ElementTypes.Of<T>() != schema.Type)
            throw new DatasetException(
                $"Field '{field}' of {Folder} holds {schema.Type.Name()}, not {ElementTypes.Of<T>().Name()}; read it with " +
                "its own type.");
        var result = new T[checked(count * schema.ElementsPerSample)];
        var bytes = MemoryMarshal.AsBytes(result.AsSpan());
        for (var done = 0L; done < count;)
        {
            var shard = ShardOf(first + done);
            var part = Math.Min(count - done, firstSample[shard + 1] - (first + done));
            ReadShard(shard, index, first + done - firstSample[shard], part,
                bytes.Slice((int)(done * schema.BytesPerSample), (int)(part * schema.BytesPerSample)));
            done += part;
        }
        return result;
    }

    /// <summary>Closes the shards. Loaders over this dataset must be disposed before.</summary>
    public void Dispose()
    {
        lock (Hdf.Gate)
        {
            disposed = true;
            foreach (var reader in readers)
                reader?.Dispose();
            Array.Clear(readers);
            opened.Clear();
        }
    }

    /// <summary>Opens without looking at any shard, so that each can be checked by itself.</summary>
    internal static ShardedDataset ForVerification(string folder) => OpenManifest(folder, new DatasetOptions { OpenShards = 1 });

    /// <summary>The first sample of each shard, and after the last one <see cref="Count"/>.</summary>
    internal ReadOnlySpan<long> FirstSamples => firstSample;

    internal string ShardPath(int shard) => Path.Combine(Folder, Manifest.Shards[shard].File);

    internal int ShardOf(long sample)
    {
        var index = firstSample.AsSpan().BinarySearch(sample);
        return index >= 0 ? index : ~index - 1;
    }

    /// <summary>Reads samples of one shard, counted from the shard's first, into exactly as many bytes.</summary>
    internal void ReadShard(int shard, int field, long first, long count, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, count * Fields[field].BytesPerSample, nameof(destination));
        lock (Hdf.Gate)
            Reader(shard).Read(field, first, count, destination);
    }

    internal void CheckSize(int shard)
    {
        var entry = Manifest.Shards[shard];
        var file = new FileInfo(ShardPath(shard));
        if (!file.Exists)
            throw new DatasetException(
                $"{file.FullName} is missing, but the manifest lists it; restore it or import the dataset again.");
        if (file.Length != entry.Bytes)
            throw new DatasetException(
                $"{file.FullName} has {file.Length} bytes instead of {entry.Bytes} ({(file.Length < entry.Bytes ? "cut short" : "changed")}); " +
                "restore it or import the dataset again.");
    }

    internal void CheckChecksum(int shard)
    {
        var path = ShardPath(shard);
        var (actual, expected) = (FileHash.Sha256(path), Manifest.Shards[shard].Checksum);
        if (actual != expected)
            throw new DatasetException(
                $"{path} is damaged: its SHA-256 is {actual}, but the manifest says {expected}; " +
                "restore it or import the dataset again.");
    }

    internal void CheckSchema(int shard)
    {
        lock (Hdf.Gate)
            _ = Reader(shard);
    }

    private static ShardedDataset OpenManifest(string folder, DatasetOptions options)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return new ShardedDataset(full, Manifest.Load(full), options);
    }

    private ShardReader Reader(int shard)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (readers[shard] is { } reader)
            return reader;
        while (opened.Count >= options.OpenShards)
        {
            var oldest = opened.Dequeue();
            readers[oldest]!.Dispose();
            readers[oldest] = null;
        }
        reader = new ShardReader(ShardPath(shard), Fields, Manifest.Shards[shard].Samples);
        readers[shard] = reader;
        opened.Enqueue(shard);
        return reader;
    }
}

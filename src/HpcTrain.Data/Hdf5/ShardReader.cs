using HDF.PInvoke;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Hdf5;

/// <summary>An open shard file, checked against the manifest. All members are called with <see cref="Hdf.Gate"/>
/// held.</summary>
internal sealed unsafe class ShardReader : IDisposable
{
    private readonly string path;
    private readonly HdfHandle file;
    private readonly OpenField[] fields;

    public ShardReader(string path, IReadOnlyList<FieldSchema> schema, long samples)
    {
        this.path = path;
        fields = new OpenField[schema.Count];
        Hdf.Start();
        file = HdfHandle.File(H5F.open(path, H5F.ACC_RDONLY), "open", path);
        try
        {
            CheckFile(samples);
            for (var i = 0; i < schema.Count; i++)
                fields[i] = OpenAndCheck(schema[i], samples);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Reads samples [first, first + count) of a field into memory of count x BytesPerSample bytes.</summary>
    public void Read(int field, long first, long count, Span<byte> destination)
    {
        var open = fields[field];
        open.Start[0] = (ulong)first;
        open.Count[0] = (ulong)count;
        _ = Hdf.Check(H5S.select_hyperslab(open.FileSpace, H5S.seloper_t.SET, open.Start, null!, open.Count, null!), "read", path);
        using var memory = HdfHandle.Space(H5S.create_simple(open.Count.Length, open.Count, null!), "read", path);
        // ShardedDataset has checked that the span holds count samples.
        fixed (byte* pointer = destination)
            _ = Hdf.Check(H5D.read(open.Dataset, open.Type, memory, open.FileSpace, H5P.DEFAULT, (nint)pointer), "read", path);
    }

    public void Dispose()
    {
        foreach (var field in fields)
        {
            field?.FileSpace.Dispose();
            field?.Type.Dispose();
            field?.Dataset.Dispose();
        }
        file.Dispose();
    }

    private void CheckFile(long samples)
    {
        if (HdfAttributes.ReadText(file, ShardFormat.FormatAttribute, path) != ShardFormat.Name)
            throw new DatasetException($"{path} is an HDF5 file but no shard of a dataset; import the dataset again.");
        var version = HdfAttributes.ReadNumber(file, ShardFormat.VersionAttribute, path);
        if (version != ShardFormat.Version)
            throw new DatasetException(
                $"{path} has shard format {version}, but this hpctrain reads {ShardFormat.Version}; use the hpctrain that " +
                "wrote it.");
        var counted = HdfAttributes.ReadNumber(file, ShardFormat.SamplesAttribute, path);
        if (counted != samples)
            throw new DatasetException(
                $"{path} holds {counted} samples, but the manifest says {samples}; import the dataset again.");
    }

    private OpenField OpenAndCheck(FieldSchema field, long samples)
    {
        if (H5L.exists(file, field.Name) <= 0)
            throw new DatasetException(
                $"{path} has no field '{field.Name}', which the manifest lists; import the dataset again.");
        using var access = HdfHandle.Properties(H5P.create(H5P.DATASET_ACCESS), "open", path);
        // Chunks are read whole, and kept decoded by the loader: HDF5's own cache would only hold them twice.
        _ = Hdf.Check(H5P.set_chunk_cache(access, 0, 0, 0), "open", path);
        var dataset = HdfHandle.Dataset(H5D.open(file, field.Name, access), "open", path);
        var type = HdfTypes.Open(field.Type, path);
        var space = HdfHandle.Space(H5D.get_space(dataset), "open", path);
        var open = new OpenField(
            dataset, type, space, new ulong[field.Shape.Count + 1], [(ulong)samples, .. field.Shape.Select(extent => (ulong)extent)]);
        try
        {
            CheckType(field, open);
            CheckShape(field, open, samples);
            CheckChunk(field, open);
            return open;
        }
        catch
        {
            space.Dispose();
            type.Dispose();
            dataset.Dispose();
            throw;
        }
    }

    private void CheckType(FieldSchema field, OpenField open)
    {
        using var stored = HdfHandle.Type(H5D.get_type(open.Dataset), "open", path);
        var name = HdfAttributes.ReadText(open.Dataset, ShardFormat.TypeAttribute, path);
        if (H5T.equal(stored, open.Type) <= 0 || name != field.Type.Name())
            throw new DatasetException(
                $"{path}: field '{field.Name}' holds elements of another type ({name ?? "unnamed"}) than the manifest says " +
                $"({field.Type.Name()}); import the dataset again.");
    }

    private void CheckShape(FieldSchema field, OpenField open, long samples)
    {
        var rank = H5S.get_simple_extent_ndims(open.FileSpace);
        var extents = new ulong[Math.Max(rank, 0)];
        if (rank > 0)
            _ = Hdf.Check(H5S.get_simple_extent_dims(open.FileSpace, extents, null!), "open", path);
        if (!extents.SequenceEqual(open.Count))
            throw new DatasetException(
                $"{path}: field '{field.Name}' has the extents [{string.Join(',', extents)}], but the manifest says " +
                $"[{samples}{string.Concat(field.Shape.Select(extent => $",{extent}"))}]; import the dataset again.");
    }

    private void CheckChunk(FieldSchema field, OpenField open)
    {
        using var creation = HdfHandle.Properties(H5D.get_create_plist(open.Dataset), "open", path);
        var chunk = new ulong[open.Count.Length];
        if (H5P.get_layout(creation) != H5D.layout_t.CHUNKED || H5P.get_chunk(creation, chunk.Length, chunk) != chunk.Length
            || chunk[0] != (ulong)field.ChunkSamples)
            throw new DatasetException(
                $"{path}: field '{field.Name}' is not cut into chunks of {field.ChunkSamples} samples as the manifest says; " +
                "import the dataset again.");
    }

    /// <summary>A field's dataset with the hyperslab arrays that every read fills in: the first extent counts
    /// samples.</summary>
    private sealed record OpenField(HdfHandle Dataset, HdfHandle Type, HdfHandle FileSpace, ulong[] Start, ulong[] Count);
}

using HDF.PInvoke;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Hdf5;

/// <summary>
/// Writes one shard file, whole chunks at a time. Modification times are left out, so that equal data gives equal bytes.
/// </summary>
internal sealed unsafe class ShardWriter : IDisposable
{
    private readonly string path;
    private readonly IReadOnlyList<FieldSchema> fields;
    private readonly HdfHandle file;
    private readonly HdfHandle[] datasets;
    private readonly long[] written;
    private bool closed;

    /// <summary>Creates the file for at most <paramref name="capacity"/> samples.</summary>
    public ShardWriter(string path, IReadOnlyList<FieldSchema> fields, long capacity, WriterOptions options)
    {
        this.path = path;
        this.fields = fields;
        datasets = new HdfHandle[fields.Count];
        written = new long[fields.Count];
        lock (Hdf.Gate)
        {
            Hdf.Start();
            file = HdfHandle.File(H5F.create(path, H5F.ACC_TRUNC), "create", path);
            try
            {
                for (var i = 0; i < fields.Count; i++)
                    datasets[i] = CreateDataset(fields[i], capacity, options);
            }
            catch
            {
                Dispose();
                throw;
            }
        }
    }

    /// <summary>Appends samples of one field; every call but the last of a field brings whole chunks.</summary>
    public void Append(int field, ReadOnlySpan<byte> data, int samples)
    {
        var rank = fields[field].Shape.Count + 1;
        var extent = Extents(fields[field], written[field] + samples);
        var start = new ulong[rank];
        start[0] = (ulong)written[field];
        var count = Extents(fields[field], samples);
        lock (Hdf.Gate)
        {
            _ = Hdf.Check(H5D.set_extent(datasets[field], extent), "write", path);
            using var target = HdfHandle.Space(H5D.get_space(datasets[field]), "write", path);
            _ = Hdf.Check(H5S.select_hyperslab(target, H5S.seloper_t.SET, start, null!, count, null!), "write", path);
            using var source = HdfHandle.Space(H5S.create_simple(rank, count, null!), "write", path);
            using var type = HdfTypes.Open(fields[field].Type, path);
            // HDF5 reads samples x BytesPerSample bytes, which the caller's span holds.
            fixed (byte* pointer = data)
                _ = Hdf.Check(H5D.write(datasets[field], type, source, target, H5P.DEFAULT, (nint)pointer), "write", path);
        }
        written[field] += samples;
    }

    /// <summary>Writes the counts and closes the file. All fields have the same number of samples by now.</summary>
    public void Finish(int shard, long firstSample)
    {
        lock (Hdf.Gate)
        {
            HdfAttributes.Write(file, ShardFormat.FormatAttribute, ShardFormat.Name, path);
            HdfAttributes.Write(file, ShardFormat.VersionAttribute, ShardFormat.Version, path);
            HdfAttributes.Write(file, ShardFormat.SamplesAttribute, written[0], path);
            HdfAttributes.Write(file, ShardFormat.ShardAttribute, shard, path);
            HdfAttributes.Write(file, ShardFormat.FirstSampleAttribute, firstSample, path);
            _ = Hdf.Check(H5F.flush(file, H5F.scope_t.LOCAL), "write", path);
            closed = true;
            foreach (var dataset in datasets)
                dataset.Close("write", path);
            file.Close("write", path);
        }
    }

    public void Dispose()
    {
        if (closed)
            return;
        closed = true;
        lock (Hdf.Gate)
        {
            foreach (var dataset in datasets)
                dataset.Dispose();
            file.Dispose();
        }
    }

    private HdfHandle CreateDataset(FieldSchema field, long capacity, WriterOptions options)
    {
        using var creation = HdfHandle.Properties(H5P.create(H5P.DATASET_CREATE), "create", path);
        _ = Hdf.Check(H5P.set_chunk(creation, field.Shape.Count + 1, Extents(field, field.ChunkSamples)), "create", path);
        _ = Hdf.Check(H5P.set_obj_track_times(creation, 0), "create", path);
        _ = Hdf.Check(H5P.set_fill_time(creation, H5D.fill_time_t.ALLOC), "create", path);
        if (options.Deflate > 0)
        {
            // Bytes of equal significance side by side compress better; single bytes have nothing to gain.
            if (options.ByteShuffle && field.Type.SizeInBytes() > 1)
                _ = Hdf.Check(H5P.set_shuffle(creation), "create", path);
            _ = Hdf.Check(H5P.set_deflate(creation, (uint)options.Deflate), "create", path);
        }
        // Whole chunks come in and go straight out: HDF5's own cache of chunks has nothing to keep.
        using var access = HdfHandle.Properties(H5P.create(H5P.DATASET_ACCESS), "create", path);
        _ = Hdf.Check(H5P.set_chunk_cache(access, 0, 0, 0), "create", path);
        using var space = HdfHandle.Space(
            H5S.create_simple(field.Shape.Count + 1, Extents(field, 0), Extents(field, capacity)), "create", path);
        using var type = HdfTypes.Open(field.Type, path);
        var dataset = HdfHandle.Dataset(H5D.create(file, field.Name, type, space, H5P.DEFAULT, creation, access), "create", path);
        HdfAttributes.Write(dataset, ShardFormat.TypeAttribute, field.Type.Name(), path);
        HdfAttributes.Write(dataset, ShardFormat.ShapeAttribute, field.Shape, path);
        return dataset;
    }

    private static ulong[] Extents(FieldSchema field, long samples) => [(ulong)samples, .. field.Shape.Select(extent => (ulong)extent)];
}

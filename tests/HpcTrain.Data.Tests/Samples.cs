using System.Runtime.InteropServices;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Tests;

/// <summary>Datasets in which every sample tells its number: "id" is i64, "pixels" u8 [3,4] of id, id+1, ... (low bytes).</summary>
internal static class Samples
{
    public const int Pixels = 12;

    public static readonly FieldSchema[] Fields = [new("id", ElementType.I64, []), new("pixels", ElementType.U8, [3, 4])];

    public static Manifest Write(string folder, int count, int shardSamples, int chunk, int deflate = 0)
    {
        using var writer = DatasetWriter.Create(folder, Fields, new WriterOptions { ShardSamples = shardSamples, ChunkSamples = chunk, Deflate = deflate });
        Append(writer, 0, count);
        return writer.Commit();
    }

    public static void Append(DatasetWriter writer, int first, int count)
    {
        var ids = Enumerable.Range(first, count).Select(id => (long)id).ToArray();
        writer.Append(count, MemoryMarshal.AsBytes(ids.AsSpan()).ToArray(), ids.SelectMany(PixelsOf).ToArray());
    }

    public static IEnumerable<byte> PixelsOf(long id) => Enumerable.Range(0, Pixels).Select(i => (byte)(id + i));

    /// <summary>The sample numbers of a whole epoch as one rank sees them, with the fields of every sample checked.</summary>
    public static List<long> Epoch(Loader loader)
    {
        var seen = new List<long>();
        while (loader.Next() is { } batch)
            seen.AddRange(Ids(batch));
        return seen;
    }

    public static long[] Ids(Batch batch)
    {
        var ids = batch.Values<long>("id").ToArray();
        Assert.That(ids, Is.EqualTo(batch.SampleIndices.ToArray()), "sample indices");
        Assert.That(batch.Values<byte>("pixels").ToArray(), Is.EqualTo(ids.SelectMany(PixelsOf)), "pixels");
        return ids;
    }
}

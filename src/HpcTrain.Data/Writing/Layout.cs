using System.Numerics;

namespace HpcTrain.Data.Writing;

/// <summary>
/// Chooses shard and chunk sizes. A chunk is what one read fetches and decodes, so a chunk of the largest field should be some
/// hundred KiB: smaller ones cost a seek and an index entry each, larger ones are decoded for a single sample when access is
/// random. The other fields get a whole multiple, at least 16 KiB, so that a block of samples needs one chunk of each.
/// </summary>
internal static class Layout
{
    private const long ShardBytes = 64L << 20;
    private const long ChunkBytes = 256L << 10;
    private const long SmallChunkBytes = 16L << 10;
    private const int MostChunkSamples = 1 << 16;

    /// <summary>The fields with their chunk sizes, and the samples of a full shard.</summary>
    public static (IReadOnlyList<FieldSchema> Fields, int ShardSamples) Choose(
        IReadOnlyList<FieldSchema> fields, WriterOptions options)
    {
        var largest = fields.Max(field => field.BytesPerSample);
        var chunk = options.ChunkSamples > 0
            ? options.ChunkSamples
            : PowerOfTwoUpTo(Math.Clamp(ChunkBytes / largest, 1, MostChunkSamples));
        var total = fields.Sum(field => field.BytesPerSample);
        var shard = options.ShardSamples > 0
            ? options.ShardSamples
            : (int)Math.Min(Math.Max(ShardBytes / total / chunk, 1) * chunk, 1 << 24);
        chunk = Math.Min(chunk, shard);
        int ChunkFor(FieldSchema field) => field.BytesPerSample == largest ? chunk : ChunkOf(field, chunk, shard);
        return ([.. fields.Select(field => field with { ChunkSamples = ChunkFor(field) })], shard);
    }

    private static int ChunkOf(FieldSchema field, int chunk, int shard)
    {
        long samples = chunk;
        while (samples * field.BytesPerSample < SmallChunkBytes && samples * 2 <= shard)
            samples *= 2;
        return (int)samples;
    }

    private static int PowerOfTwoUpTo(long value) => 1 << BitOperations.Log2((ulong)value);
}

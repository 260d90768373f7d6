namespace HpcTrain.Data.Loading;

/// <summary>
/// Divides the memory for decoded chunks among the fields, and from that chooses the order of the samples. Small fields are
/// held whole where an equal share allows it (labels of all samples cost less than a window of images); the rest goes to the
/// large ones. With block shuffling a field that is not held whole needs room for the chunks of two windows.
/// </summary>
internal sealed class CachePlan
{
    private const long MostWindowSamples = 1 << 22;

    public CachePlan(ShardedDataset dataset, IReadOnlyList<int> fields, LoaderOptions options, ulong seed)
    {
        var total = fields.Select(field => ChunkCache.FirstChunks(dataset, field)[^1]).ToArray();
        var chunkBytes = fields.Select(field => dataset.Fields[field].ChunkSamples * dataset.Fields[field].BytesPerSample).ToArray();
        Chunks = Divide(total, chunkBytes, options.CacheBytes);
        Order = ChooseOrder(dataset, fields, options, seed, total, Chunks);
    }

    /// <summary>Per loaded field: chunks to hold.</summary>
    public int[] Chunks { get; }

    public SampleOrder Order { get; }

    // Smallest field first, each takes what it needs up to an equal share of what is left.
    private static int[] Divide(int[] total, long[] chunkBytes, long budget)
    {
        var chunks = new int[total.Length];
        var bySize = Enumerable.Range(0, total.Length).OrderBy(i => total[i] * chunkBytes[i]).ToArray();
        for (var i = 0; i < bySize.Length; i++)
        {
            var field = bySize[i];
            var share = budget / (bySize.Length - i);
            chunks[field] = (int)Math.Clamp(share / chunkBytes[field], Math.Min(2, total[field]), total[field]);
            budget = Math.Max(0, budget - chunks[field] * chunkBytes[field]);
        }
        return chunks;
    }

    private static SampleOrder ChooseOrder(
        ShardedDataset dataset, IReadOnlyList<int> fields, LoaderOptions options, ulong seed, int[] total, int[] chunks)
    {
        if (!options.Shuffle)
            return new SequentialOrder();
        var fits = chunks.SequenceEqual(total);
        if (options.Mode == ShuffleMode.Full || (options.Mode == ShuffleMode.Auto && fits))
            return new FullShuffle(dataset.Count, seed);
        var block = fields.Min(field => dataset.Fields[field].ChunkSamples);
        var window = MostWindowSamples / block;
        for (var i = 0; i < total.Length; i++)
            if (chunks[i] < total[i])
                window = Math.Min(window, chunks[i] / 2);
        return new BlockShuffle(dataset.FirstSamples, block, (int)Math.Max(1, window), seed);
    }
}

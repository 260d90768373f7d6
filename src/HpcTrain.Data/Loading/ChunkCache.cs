namespace HpcTrain.Data.Loading;

/// <summary>
/// Decoded chunks of one field, least recently used first out. All memory is kept once it is allocated, so after warm-up
/// nothing is. Used by one thread.
/// </summary>
internal sealed class ChunkCache
{
    private const int None = -1;

    private readonly ShardedDataset dataset;
    private readonly int field;
    private readonly FieldSchema schema;
    private readonly int[] firstChunk;
    private readonly int[] slotOfChunk;

    // Per slot: the decoded bytes, the chunk in it, and its neighbours in the order of use.
    private readonly byte[]?[] data;
    private readonly int[] chunkOfSlot;
    private readonly int[] newer;
    private readonly int[] older;
    private int used;
    private int newest = None;
    private int oldest = None;

    /// <param name="dataset">To read from.</param>
    /// <param name="field">The field's index in the dataset.</param>
    /// <param name="capacity">Chunks to hold.</param>
    public ChunkCache(ShardedDataset dataset, int field, int capacity)
    {
        this.dataset = dataset;
        this.field = field;
        schema = dataset.Fields[field];
        firstChunk = FirstChunks(dataset, field);
        slotOfChunk = new int[firstChunk[^1]];
        slotOfChunk.AsSpan().Fill(None);
        capacity = Math.Min(capacity, slotOfChunk.Length);
        data = new byte[]?[capacity];
        chunkOfSlot = new int[capacity];
        newer = new int[capacity];
        older = new int[capacity];
    }

    /// <summary>Chunks read and decoded so far.</summary>
    public long Misses { get; private set; }

    /// <summary>The decoded bytes of one sample, given its shard; valid until the next call.</summary>
    public ReadOnlySpan<byte> Sample(int shard, long sampleInShard)
    {
        var inShard = (int)(sampleInShard / schema.ChunkSamples);
        var offset = (sampleInShard - (long)inShard * schema.ChunkSamples) * schema.BytesPerSample;
        return Chunk(shard, inShard).AsSpan((int)offset, (int)schema.BytesPerSample);
    }

    /// <summary>Chunks of a field before each shard, and over all at the end.</summary>
    public static int[] FirstChunks(ShardedDataset dataset, int field)
    {
        var first = new int[dataset.Manifest.Shards.Count + 1];
        var size = dataset.Fields[field].ChunkSamples;
        for (var shard = 0; shard < first.Length - 1; shard++)
            first[shard + 1] = checked(first[shard] + (int)((dataset.Manifest.Shards[shard].Samples + size - 1) / size));
        return first;
    }

    private byte[] Chunk(int shard, int inShard)
    {
        var chunk = firstChunk[shard] + inShard;
        var slot = slotOfChunk[chunk];
        if (slot == None)
            slot = Load(shard, inShard, chunk);
        else if (slot != newest)
        {
            Unlink(slot);
            LinkNewest(slot);
        }
        return data[slot]!;
    }

    private int Load(int shard, int inShard, int chunk)
    {
        int slot;
        if (used < data.Length)
        {
            slot = used++;
            data[slot] = GC.AllocateUninitializedArray<byte>(checked((int)(schema.ChunkSamples * schema.BytesPerSample)));
        }
        else
        {
            slot = oldest;
            Unlink(slot);
            slotOfChunk[chunkOfSlot[slot]] = None;
        }
        // Linked before it is read: should reading fail, the slot is a harmless oldest one again.
        chunkOfSlot[slot] = chunk;
        LinkNewest(slot);
        var first = (long)inShard * schema.ChunkSamples;
        var count = Math.Min(schema.ChunkSamples, dataset.Manifest.Shards[shard].Samples - first);
        dataset.ReadShard(shard, field, first, count, data[slot].AsSpan(0, (int)(count * schema.BytesPerSample)));
        slotOfChunk[chunk] = slot;
        Misses++;
        return slot;
    }

    private void LinkNewest(int slot)
    {
        newer[slot] = None;
        older[slot] = newest;
        if (newest != None)
            newer[newest] = slot;
        newest = slot;
        if (oldest == None)
            oldest = slot;
    }

    private void Unlink(int slot)
    {
        if (newer[slot] != None)
            older[newer[slot]] = older[slot];
        else
            newest = older[slot];
        if (older[slot] != None)
            newer[older[slot]] = newer[slot];
        else
            oldest = newer[slot];
    }
}

namespace HpcTrain.Data;

/// <summary>How a <see cref="DatasetWriter"/> lays samples out in files.</summary>
public sealed record WriterOptions
{
    /// <summary>Samples per shard file; 0 lets the writer choose (about 64 MiB of decoded samples).</summary>
    public int ShardSamples { get; init; }

    /// <summary>Samples per chunk of the largest field, the unit of reading; 0 lets the writer choose (about 256 KiB). Small
    /// fields get a multiple of it, so that their chunks are not tiny.</summary>
    public int ChunkSamples { get; init; }

    /// <summary>zlib's level, 0 (no compression) to 9.</summary>
    public int Deflate { get; init; } = 4;

    /// <summary>With compression: order the bytes of an element by significance first. Only for elements of more than one
    /// byte.</summary>
    public bool ByteShuffle { get; init; } = true;

    /// <summary>Whether a dataset that is already there gives way, once the new one is whole; otherwise the writer
    /// refuses.</summary>
    public bool Replace { get; init; }

    internal void Validate()
    {
        if (ShardSamples < 0)
            throw new DatasetException($"{ShardSamples} samples per shard make no sense; give 1 or more, or 0 for a good size.");
        if (ChunkSamples < 0)
            throw new DatasetException($"{ChunkSamples} samples per chunk make no sense; give 1 or more, or 0 for a good size.");
        if (Deflate is < 0 or > 9)
            throw new DatasetException($"There is no deflate level {Deflate}; the levels are 0 (none) to 9 (smallest).");
    }
}

namespace HpcTrain.Data.Loading;

/// <summary>
/// A permutation that reads well when the samples do not fit into memory. A block is the run of samples in one chunk. Per
/// epoch, all blocks of all shards are put in a random order; each run of W blocks in that order is a window; the samples of a
/// window are put in a random order. Every sample comes once, every chunk is decoded once per epoch, and a cache of two windows
/// is enough: while one is consumed, the blocks of the next are read ahead at the same pace.
/// </summary>
internal sealed class BlockShuffle : SampleOrder
{
    private readonly ulong seed;
    private readonly int blockSamples;
    private readonly int windowBlocks;
    private readonly long[] blockFirst;
    private readonly int[] blockCount;
    private readonly int[] order;
    private readonly long[] windowStart;
    private readonly long[] windowSamples;
    private long epoch;
    private int window;
    private int readAhead;

    /// <param name="firstSamples">The first sample of each shard, and the count of all at the end.</param>
    /// <param name="blockSamples">Samples of a block; the last block of a shard may have fewer.</param>
    /// <param name="windowBlocks">Blocks of a window.</param>
    /// <param name="seed">Of the run.</param>
    public BlockShuffle(ReadOnlySpan<long> firstSamples, int blockSamples, int windowBlocks, ulong seed)
    {
        this.seed = seed;
        this.blockSamples = blockSamples;
        this.windowBlocks = windowBlocks;
        var firsts = new List<long>();
        var counts = new List<int>();
        for (var shard = 0; shard + 1 < firstSamples.Length; shard++)
            for (var first = firstSamples[shard]; first < firstSamples[shard + 1]; first += blockSamples)
            {
                firsts.Add(first);
                counts.Add((int)Math.Min(blockSamples, firstSamples[shard + 1] - first));
            }
        blockFirst = [.. firsts];
        blockCount = [.. counts];
        order = new int[blockFirst.Length];
        var windows = (order.Length + windowBlocks - 1) / windowBlocks;
        windowStart = new long[windows + 1];
        windowSamples = new long[(long)Math.Min(windowBlocks, order.Length) * blockSamples];
    }

    public override string Name => $"blocks of {blockSamples} in windows of {windowBlocks}";

    public override void BeginEpoch(long epoch)
    {
        this.epoch = epoch;
        window = -1;
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        new SplitMix64(seed, epoch, 0).Shuffle(order.AsSpan());
        for (var w = 0; w + 1 < windowStart.Length; w++)
        {
            var samples = 0L;
            foreach (var block in BlocksOf(w))
                samples += blockCount[block];
            windowStart[w + 1] = windowStart[w] + samples;
        }
    }

    public override void Fill(long position, Span<long> samples)
    {
        while (samples.Length > 0)
        {
            EnterWindowOf(position);
            var part = (int)Math.Min(samples.Length, windowStart[window + 1] - position);
            windowSamples.AsSpan((int)(position - windowStart[window]), part).CopyTo(samples);
            samples = samples[part..];
            position += part;
        }
    }

    public override long NextToReadAhead(long position)
    {
        if (window < 0 || window + 2 >= windowStart.Length || position <= windowStart[window])
            return -1;
        // As large a share of the next window as has been consumed of this one.
        var next = BlocksOf(window + 1);
        var consumed = Math.Min(position, windowStart[window + 1]) - windowStart[window];
        var due = next.Length * consumed / (windowStart[window + 1] - windowStart[window]);
        return readAhead < due ? blockFirst[next[readAhead++]] : -1;
    }

    private ReadOnlySpan<int> BlocksOf(int w) => order.AsSpan(w * windowBlocks, Math.Min(windowBlocks, order.Length - w * windowBlocks));

    private void EnterWindowOf(long position)
    {
        if (window >= 0 && position >= windowStart[window] && position < windowStart[window + 1])
            return;
        var index = windowStart.AsSpan().BinarySearch(position);
        window = index >= 0 ? index : ~index - 1;
        readAhead = 0;
        var filled = 0;
        foreach (var block in BlocksOf(window))
            for (var i = 0; i < blockCount[block]; i++)
                windowSamples[filled++] = blockFirst[block] + i;
        new SplitMix64(seed, epoch, window + 1L).Shuffle(windowSamples.AsSpan(0, filled));
    }
}

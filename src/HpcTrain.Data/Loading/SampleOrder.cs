namespace HpcTrain.Data.Loading;

/// <summary>
/// Which sample stands at which position of an epoch. An order depends on the dataset, the seed and the epoch, never on the
/// rank or the number of ranks: ranks only take different positions of it. Used by one thread.
/// </summary>
internal abstract class SampleOrder
{
    /// <summary>For people and for <see cref="LoaderState.Order"/>: the kind of order with all that shapes it but the
    /// seed.</summary>
    public abstract string Name { get; }

    /// <summary>Makes <see cref="Fill"/> speak of this epoch.</summary>
    public abstract void BeginEpoch(long epoch);

    /// <summary>The samples at positions [position, position + samples.Length) of the epoch.</summary>
    public abstract void Fill(long position, Span<long> samples);

    /// <summary>
    /// After position has been reached: samples whose chunks will be needed soon, to be read in spare time; each is told once.
    /// </summary>
    /// <returns>The first sample of such a block, or -1 when there is none at this point.</returns>
    public virtual long NextToReadAhead(long position) => -1;
}

/// <summary>The samples as they are stored.</summary>
internal sealed class SequentialOrder : SampleOrder
{
    public override string Name => "sequential";

    public override void BeginEpoch(long epoch)
    {
    }

    public override void Fill(long position, Span<long> samples)
    {
        for (var i = 0; i < samples.Length; i++)
            samples[i] = position + i;
    }
}

/// <summary>One random permutation of all samples per epoch. Costs 4 bytes per sample.</summary>
internal sealed class FullShuffle : SampleOrder
{
    private readonly ulong seed;
    private readonly int[] permutation;

    public FullShuffle(long samples, ulong seed)
    {
        if (samples > Array.MaxLength)
            throw new DatasetException(
                $"A full shuffle of {samples} samples is not possible (at most {Array.MaxLength}); use the shuffle mode " +
                "Blocks.");
        this.seed = seed;
        permutation = new int[samples];
    }

    public override string Name => "full";

    public override void BeginEpoch(long epoch)
    {
        for (var i = 0; i < permutation.Length; i++)
            permutation[i] = i;
        new SplitMix64(seed, epoch, 0).Shuffle(permutation.AsSpan());
    }

    public override void Fill(long position, Span<long> samples)
    {
        var part = permutation.AsSpan((int)position, samples.Length);
        for (var i = 0; i < part.Length; i++)
            samples[i] = part[i];
    }
}

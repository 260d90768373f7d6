using HpcTrain.Kernels;

namespace HpcTrain.Data;

/// <summary>How far apart a shuffle carries samples.</summary>
public enum ShuffleMode
{
    /// <summary><see cref="Full"/> when the loaded fields fit <see cref="LoaderOptions.CacheBytes"/> decoded, else
    /// <see cref="Blocks"/>.</summary>
    Auto,
    /// <summary>Every order of all samples is equally likely. Reads at random: slow when the data exceed the cache.</summary>
    Full,
    /// <summary>Chunks are shuffled, then samples within windows of chunks that fit the cache: each chunk is decoded once per
    /// epoch.</summary>
    Blocks,
}

/// <summary>What happens to a field between file and batch, in the background: out = (To)(in * Scale + Offset).</summary>
/// <param name="Field">The field's name.</param>
/// <param name="To">The element type in the batch.</param>
public sealed record FieldTransform(string Field, ElementType To)
{
    /// <summary>Multiplied first. Into f32, f16 and bf16 the arithmetic is f32, else f64.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Added then.</summary>
    public double Offset { get; init; }

    /// <summary>Another shape for one sample, with as many elements; null keeps the stored shape.</summary>
    public IReadOnlyList<long>? Shape { get; init; }
}

/// <summary>
/// Options of a <see cref="Loader"/>. The sample order follows from dataset, <see cref="Seed"/>, <see cref="Shuffle"/>,
/// <see cref="Mode"/>, <see cref="Fields"/> and <see cref="CacheBytes"/>: give them alike on all ranks.
/// </summary>
public sealed record LoaderOptions
{
    /// <summary>Samples per rank and step; with <see cref="Shares"/> their mean.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Of the permutations. A resumed loader goes on with its state's seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>This rank, from 0.</summary>
    public int Rank { get; init; }

    /// <summary>How many ranks share each epoch.</summary>
    public int Ranks { get; init; } = 1;

    /// <summary>
    /// How the samples of a step are divided, by rank: positive numbers, of which only their proportions count. Null for equal parts. It does not change which samples make a
    /// step, nor their order.
    /// </summary>
    public IReadOnlyList<double>? Shares { get; init; }

    /// <summary>A new order for every epoch, or the stored order.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>With <see cref="Shuffle"/>: how far it carries.</summary>
    public ShuffleMode Mode { get; init; } = ShuffleMode.Auto;

    /// <summary>Batches prepared ahead, at least 1.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>Memory for decoded chunks, per loader. At least a few chunks are held, however small this is.</summary>
    public long CacheBytes { get; init; } = 256L << 20;

    /// <summary>Leaves out the samples at an epoch's end that do not fill a batch on every rank.</summary>
    public bool DropLast { get; init; }

    /// <summary>The fields to load; null for all.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Conversions, at most one per field; fields without one come as stored.</summary>
    public IReadOnlyList<FieldTransform>? Transforms { get; init; }
}

/// <summary>Where a loader stands. Serialises as a record; a loader made with it, on any number of ranks, hands out exactly
/// what comes next.</summary>
/// <param name="Epoch">From 0.</param>
/// <param name="Position">Samples of the epoch that all ranks together have consumed.</param>
/// <param name="Seed">Of the permutations.</param>
/// <param name="Order">The dataset and the kind of order; a loader refuses a state that would go on in another order. Null is
/// not checked.</param>
public sealed record LoaderState(long Epoch, long Position, ulong Seed, string? Order = null);

using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Where each parameter lies in flat buffers, and which parameters are reduced together. Slots lie in the order of <c>named_parameters</c>, which is mostly that of
/// forward; buckets are numbered from the last slots to the first, which is the order in which backward completes them (Li et al., "PyTorch Distributed", VLDB 2020,
/// section 3.2.3).
/// </summary>
/// <remarks>
/// A slot starts at a multiple of 64 bytes, as SIMD kernels and oneDNN like it. A bucket starts at one of 64 bytes times the ranks and is as long, so that the ranks can
/// own equal blocks of it. The gaps belong to nobody and stay zero.
/// </remarks>
public sealed class FlatLayout
{
    /// <summary>The first bucket's least bytes: small, so that the ranks begin to communicate soon after backward has begun.</summary>
    public const long FirstBucketBytes = 256 << 10;

    /// <summary>A bucket's least bytes, where nothing else is asked for: long enough that latency does not count, short enough that the last one does not take long.</summary>
    public const long DefaultBucketBytes = 4 << 20;

    private const int LineElements = 64 / sizeof(float);

    private FlatLayout(IReadOnlyList<ParameterSlot> slots, IReadOnlyList<GradientBucket> buckets, int length)
        => (Slots, Buckets, Length) = (slots, buckets, length);

    /// <summary>Where each parameter lies, in their order.</summary>
    public IReadOnlyList<ParameterSlot> Slots { get; }

    /// <summary>The buckets, from the last parameters to the first. Together they cover the flat buffers.</summary>
    public IReadOnlyList<GradientBucket> Buckets { get; }

    /// <summary>Elements of the flat buffers, gaps included.</summary>
    public int Length { get; }

    /// <summary>Lays parameters out.</summary>
    /// <param name="parameters">Names and shapes, in their order; at least one.</param>
    /// <param name="ranks">How many equal blocks a bucket must have.</param>
    /// <param name="bucketBytes">From how many bytes on a bucket takes no further parameter; the first one at most <see cref="FirstBucketBytes"/>.</param>
    /// <exception cref="OverflowException">All parameters together have more than 2^31-1 elements.</exception>
    public static FlatLayout Create(IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> parameters, int ranks = 1, long bucketBytes = DefaultBucketBytes)
    {
        var counts = parameters.Select(p => checked((int)p.Shape.Aggregate(1L, (product, size) => checked(product * size)))).ToArray();
        var firsts = FirstSlots(counts, bucketBytes); // of each bucket, descending
        var slots = new ParameterSlot[counts.Length];
        var starts = new int[firsts.Count + 1];
        var next = 0;
        for (var bucket = firsts.Count - 1; bucket >= 0; bucket--)
        {
            starts[bucket] = next;
            var end = bucket == 0 ? counts.Length : firsts[bucket - 1];
            for (var i = firsts[bucket]; i < end; i++)
            {
                slots[i] = new ParameterSlot(parameters[i].Name, parameters[i].Shape, next, counts[i]);
                next = Aligned(checked(next + counts[i]), LineElements);
            }

            next = Aligned(next, checked(LineElements * ranks));
        }

        var buckets = firsts.Select((first, b) => new GradientBucket(
            b, slots[first..(b == 0 ? slots.Length : firsts[b - 1])], starts[b], (b == 0 ? next : starts[b - 1]) - starts[b])).ToArray();
        return new FlatLayout(slots, buckets, next);
    }

    private static List<int> FirstSlots(int[] counts, long bucketBytes)
    {
        var firsts = new List<int>();
        var bytes = 0L;
        for (var i = counts.Length - 1; i >= 0; i--)
        {
            bytes += (long)counts[i] * sizeof(float);
            if (bytes >= (firsts.Count == 0 ? Math.Min(bucketBytes, FirstBucketBytes) : bucketBytes) || i == 0)
            {
                firsts.Add(i);
                bytes = 0;
            }
        }

        return firsts;
    }

    private static int Aligned(int element, int unit) => checked((element + unit - 1) / unit * unit);
}

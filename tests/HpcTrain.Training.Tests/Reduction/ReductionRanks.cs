using System.Runtime.InteropServices;
using HpcTrain.Collectives;
using HpcTrain.Training.Reduction;
using HpcTrain.Training.Replication;

namespace HpcTrain.Training.Tests.Reduction;

/// <summary>Ranks as threads that reduce together, each with a reduction of its own, within a bounded time.</summary>
internal static class ReductionRanks
{
    /// <summary>Runs a body per rank.</summary>
    public static void Run(int ranks, Action<CollectiveCommunicator> body, bool isOneNode = false)
    {
        var fabric = new InProcessFabric(ranks, new InProcessOptions { IsOneNode = isOneNode });
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], new() { StallTimeout = TimeSpan.FromSeconds(30) });
            body(communicator);
        });
    }

    /// <summary>Reduces each rank's gradients in one bucket, and checks that all ranks end with the same bits.</summary>
    /// <returns>What they end with, and what each has sent.</returns>
    public static (float[] Sum, long[] SentBytes) Reduce(Func<GradientReduction> make, float[][] gradients, bool isOneNode = false)
        => Reduce(_ => make(), [Bucket(0, 0, [gradients[0].Length])], gradients, isOneNode);

    /// <summary>Reduces each rank's flat gradients, bucket by bucket, and checks that all ranks end with the same bits.</summary>
    public static (float[] Sum, long[] SentBytes) Reduce(Func<int, GradientReduction> make, IReadOnlyList<GradientBucket> buckets, float[][] gradients, bool isOneNode = false)
    {
        var ranks = gradients.Length;
        var (sums, sent) = (new float[ranks][], new long[ranks]);
        Run(ranks, communicator =>
        {
            var reduction = make(communicator.Rank);
            reduction.Prepare(buckets, communicator);
            sums[communicator.Rank] = (float[])gradients[communicator.Rank].Clone();
            foreach (var bucket in buckets)
            {
                reduction.Reduce(bucket, sums[communicator.Rank].AsSpan(bucket.Offset, bucket.Length));
            }

            sent[communicator.Rank] = reduction.SentBytes;
        }, isOneNode);
        foreach (var sum in sums)
        {
            AssertSameBits(sum, sums[0]);
        }

        return (sums[0], sent);
    }

    /// <summary>A bucket with slots of these shapes, without gaps.</summary>
    public static GradientBucket Bucket(int index, int offset, params long[][] shapes)
    {
        var slots = new List<ParameterSlot>();
        var next = offset;
        foreach (var shape in shapes)
        {
            var count = (int)shape.Aggregate(1L, (a, b) => a * b);
            slots.Add(new ParameterSlot($"slot-{next}", shape, next, count));
            next += count;
        }

        return new GradientBucket(index, slots, offset, next - offset);
    }

    /// <summary>Gradients of each rank, normally distributed.</summary>
    public static float[][] Random(int ranks, int length, int seed) => [.. Enumerable.Range(0, ranks).Select(rank =>
    {
        var random = new Random((seed * 1000) + rank);
        return Enumerable.Range(0, length).Select(_ => Normal(random)).ToArray();
    })];

    /// <summary>A draw from the standard normal distribution.</summary>
    public static float Normal(Random random) => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    /// <summary>The exact sum.</summary>
    public static double[] Sum(float[][] gradients) => [.. Enumerable.Range(0, gradients[0].Length).Select(i => gradients.Sum(g => (double)g[i]))];

    /// <summary>The Euclidean distance of two vectors, relative to the second's length.</summary>
    public static double RelativeError(ReadOnlySpan<float> values, double[] exact)
    {
        var (difference, length) = (0.0, 0.0);
        for (var i = 0; i < exact.Length; i++)
        {
            difference += (values[i] - exact[i]) * (values[i] - exact[i]);
            length += exact[i] * exact[i];
        }

        return Math.Sqrt(difference / length);
    }

    /// <summary>NaNs included.</summary>
    public static void AssertSameBits(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
        => Assert.That(MemoryMarshal.AsBytes(actual).SequenceEqual(MemoryMarshal.AsBytes(expected)), Is.True, "the bits differ");
}

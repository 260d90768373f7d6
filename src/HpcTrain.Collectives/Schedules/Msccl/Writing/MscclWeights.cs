using System.Collections.Immutable;
using System.Numerics;

namespace HpcTrain.Collectives.Msccl;

/// <summary>The chunks of a schedule in chunks of equal length.</summary>
/// <param name="Counts">How many each chunk becomes; at least 1.</param>
/// <param name="Exact">How many it takes for the schedule's weights, as MSCCL counts them.</param>
/// <param name="Growth">How much longer than its weight says a chunk becomes, at most, as a part of its length; 0 when the weights are kept.</param>
internal sealed record MscclWeights(ImmutableArray<int> Counts, Int128 Exact, double Growth)
{
    // Idea. A chunk of weight w becomes w/g chunks of equal length, g being the greatest common divisor of all weights. Where these are too many, weights are rounded: each
    // block, which is the whole buffer where chunks have no owners, is cut into the same number of equal chunks, the fewest with which no chunk is more than a hundredth
    // longer than it should be, or else those that come nearest. The remainders decide who gets the chunks that rounding down leaves over.
    // A link that carries some of the chunks has then at most that much more to carry, so the growth bounds what rounding costs.
    private const double SmallGrowth = 0.01;
    private const int FineSteps = 1024;

    /// <summary>Finds the counts of a schedule.</summary>
    /// <exception cref="ScheduleException">There are more chunks than MSCCL counts, whatever their weights.</exception>
    public static MscclWeights Of(Schedule schedule, int most)
    {
        long divisor = (long)schedule.Chunks.Aggregate(BigInteger.Zero, (all, chunk) => BigInteger.GreatestCommonDivisor(all, chunk.Weight));
        Int128 total = 0;
        foreach (Chunk chunk in schedule.Chunks)
            total += chunk.Weight / divisor;
        bool isPairs = schedule.Collective == CollectiveKind.AllToAll;
        Int128 exact = isPairs ? total / schedule.Ranks : total;
        if (exact <= most)
            return new([.. schedule.Chunks.Select(chunk => (int)(chunk.Weight / divisor))], exact, 0);

        int blocksOfRank = schedule.Collective.HasOwners() ? schedule.Ranks : 1;
        long[][] blocks = [.. schedule.Chunks.GroupBy(chunk => (chunk.Owner, chunk.Target)).Select(block => block.Select(chunk => chunk.Weight).ToArray())];
        MscclWeights? best = null;
        for (int length = blocks.Max(block => block.Length); length <= most / blocksOfRank && !(best?.Growth <= SmallGrowth); length += 1 + (length / FineSteps))
        {
            var counts = ImmutableArray.CreateBuilder<int>(schedule.Chunks.Length);
            double growth = blocks.Max(block => Round(block, length, counts));
            if (growth < (best?.Growth ?? double.PositiveInfinity))
                best = new(counts.ToImmutable(), exact, growth);
        }

        return best ?? throw new ScheduleException(
            $"Schedule '{schedule.Algorithm}' would need {exact} chunks of equal length, but MSCCL counts {most} at most; make one with fewer chunks.");
    }

    /// <summary>Rounds the weights of a block to whole numbers, at least 1, of the given sum.</summary>
    /// <returns>By which part of its length a chunk grows at most; infinite when the sum is too small.</returns>
    private static double Round(long[] weights, int sum, ImmutableArray<int>.Builder counts)
    {
        double whole = weights.Sum(weight => (double)weight);
        double[] shares = [.. weights.Select(weight => weight / whole * sum)];
        int[] rounded = [.. shares.Select(share => Math.Max(1, (int)share))];
        int left = sum - rounded.Sum();
        if (left < 0)
            return double.PositiveInfinity;
        foreach (int chunk in Enumerable.Range(0, shares.Length).OrderByDescending(chunk => shares[chunk] - rounded[chunk]).Take(left))
            rounded[chunk]++;
        counts.AddRange(rounded);
        return shares.Zip(rounded, (share, count) => (count / share) - 1).Max();
    }
}

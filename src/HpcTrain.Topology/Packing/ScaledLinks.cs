using System.Numerics;

namespace HpcTrain.Topology;

/// <summary>The bandwidths of a graph's links as whole numbers without a common divisor, in the order of its links.</summary>
/// <param name="Unit">What 1 stands for, in 10^9 bytes per second.</param>
/// <param name="Capacities">Positive.</param>
internal sealed record ScaledLinks(Rational Unit, long[] Capacities)
{
    /// <summary>Scales the links of a graph.</summary>
    /// <exception cref="TopologyException">The bandwidths differ so finely that sums over the whole graph would not fit 61 bits.</exception>
    public static ScaledLinks Of(LinkGraph graph)
    {
        (Rational unit, BigInteger[] whole) = Whole(graph.Links.Select(link => link.Bandwidth));

        // Algorithms multiply capacities by the denominator of a rate, which is at most the number of ranks, and add up twice that over the graph.
        BigInteger most = 4 * whole.Aggregate(BigInteger.Zero, (sum, capacity) => sum + capacity) * graph.Ranks * graph.Ranks;
        if (most >= MaxFlow.Unbounded)
        {
            throw new TopologyException(
                $"The bandwidths of topology '{graph.Name}' have only {unit} GB/s as their common measure, too little to count with; round them, say to 0.001 GB/s.");
        }

        return new(unit, [.. whole.Select(capacity => (long)capacity)]);
    }

    /// <summary>The greatest common measure of fractions, and the whole numbers that they are in it.</summary>
    public static (Rational Unit, BigInteger[] Whole) Whole(IEnumerable<Rational> fractions)
    {
        Rational[] all = [.. fractions];
        BigInteger denominator = all.Aggregate(BigInteger.One, (lcm, one) => lcm / BigInteger.GreatestCommonDivisor(lcm, one.Denominator) * one.Denominator);
        BigInteger[] whole = [.. all.Select(one => one.Numerator * (denominator / one.Denominator))];
        BigInteger divisor = BigInteger.Max(1, whole.Aggregate(BigInteger.Zero, BigInteger.GreatestCommonDivisor));
        return (new(divisor, denominator), [.. whole.Select(one => one / divisor)]);
    }
}

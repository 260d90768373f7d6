using System.Collections.Immutable;
using System.Numerics;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Plans;

/// <summary>The weights of trees as whole numbers in the same proportions.</summary>
internal static class PlanWeights
{
    /// <exception cref="ScheduleException">Their sum is beyond 64 bits.</exception>
    public static ImmutableArray<long> Of(ImmutableArray<PlanTree> trees)
    {
        BigInteger multiple = trees.Aggregate(BigInteger.One, (all, tree) => all / BigInteger.GreatestCommonDivisor(all, tree.Weight.Denominator) * tree.Weight.Denominator);
        BigInteger[] weights = [.. trees.Select(tree => tree.Weight.Numerator * (multiple / tree.Weight.Denominator))];
        BigInteger common = weights.Aggregate(BigInteger.Zero, BigInteger.GreatestCommonDivisor);
        BigInteger sum = weights.Aggregate(BigInteger.Zero, BigInteger.Add) / common;
        return sum <= long.MaxValue
            ? [.. weights.Select(weight => (long)(weight / common))]
            : throw new ScheduleException(
                $"The weights of the plan's {trees.Length} trees have no common measure above 1/{sum} of the buffer, and chunks are counted in 64 bits; plan with fewer trees.");
    }
}

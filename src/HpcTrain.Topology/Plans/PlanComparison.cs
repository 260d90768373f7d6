using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>What a plan was chosen from, and what it is measured by.</summary>
/// <param name="Methods">The methods that were compared, in the order in which equal ones are preferred.</param>
/// <param name="Ring">What NCCL's rings would reach; null where its rule does not cover the links or the collective.</param>
/// <param name="Limit">What a limit of trees costs; null without one.</param>
public sealed record PlanComparison(ImmutableArray<MethodOptimum> Methods, RingRate? Ring = null, TreeLimit? Limit = null)
{
    /// <summary>The optimum of a method, or null if it was not compared.</summary>
    public Rational? Find(string method) => Methods.FirstOrDefault(one => one.Method == method)?.Optimum;
}

/// <summary>The best rate of a method.</summary>
/// <param name="Method">The method, as <see cref="LinkPlan.Method"/> names it.</param>
/// <param name="Optimum">In 10^9 bytes of the whole buffer per second (algbw).</param>
public sealed record MethodOptimum(string Method, Rational Optimum);

/// <summary>What it costs that a plan may have few trees only.</summary>
/// <param name="MostTrees">The limit.</param>
/// <param name="Price">The part of the optimum that is lost, from 0 to less than 1.</param>
/// <param name="IsBest">Whether it is proven that no so few trees of the method carry more. Otherwise these are the best that were found.</param>
public sealed record TreeLimit(int MostTrees, Rational Price, bool IsBest);

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>A plan cut down to few trees, for any method: the best of several ways to have so few, each with the weights that suit it.</summary>
/// <remarks>
/// Of the plan itself the heaviest trees; where there are only direct links, what <see cref="FewTrees"/> finds, which proves it for small graphs; where there are switches,
/// <see cref="Chains"/>. Weights come from a linear programme while that is small; beyond, all are scaled until the fullest link is full.
/// </remarks>
internal static class FewPlanTrees
{
    private const int MostTreesToWeigh = 32, MostLinksToWeigh = 128;

    /// <summary>An allreduce of few trees.</summary>
    /// <param name="graph">The links.</param>
    /// <param name="method">The method that would be taken without a limit.</param>
    /// <param name="trees">Its trees.</param>
    /// <param name="most">The most trees.</param>
    public static (string Method, ImmutableArray<PlanTree> Trees, bool IsBest) AllReduce(LinkGraph graph, string method, ImmutableArray<PlanTree> trees, int most)
    {
        var choices = new List<(string Method, ImmutableArray<PlanTree> Trees, bool IsBest)> { (method, Heaviest(graph, trees, most), false) };
        if (UndirectedTrees.Joins(graph))
        {
            LimitedPacking few = FewTrees.PlanAllReduce(graph, most);
            choices.Insert(0, (PlanMethods.Trees, LinkPlan.Of(graph, few.Packing, PlanMethods.Trees).Trees, few.IsBest));
        }
        else if (Chains.Of(graph, most) is { IsEmpty: false } chains)
        {
            choices.Add((PlanMethods.Chains, Weigh(graph, chains), false));
        }

        return choices.MaxBy(choice => Rate(choice.Trees));
    }

    /// <summary>The heaviest trees of a plan, with better weights.</summary>
    public static ImmutableArray<PlanTree> Heaviest(LinkGraph graph, ImmutableArray<PlanTree> trees, int most) =>
        Weigh(graph, [.. trees.OrderByDescending(tree => tree.Weight).Take(most)]);

    private static ImmutableArray<PlanTree> Weigh(LinkGraph graph, ImmutableArray<PlanTree> trees)
    {
        if (trees.Length <= MostTreesToWeigh && graph.Links.Length <= MostLinksToWeigh)
        {
            var numbers = graph.Links.Index().ToDictionary(pair => (pair.Item.From, pair.Item.To), pair => pair.Index);
            int[][] uses = [.. trees.Select(tree =>
                tree.In.AsEnumerable().Concat(tree.Out).SelectMany(edge => edge.Path.Zip(edge.Path.Skip(1)).Select(hop => numbers[hop])).ToArray())];
            Rational[] weights = PackingSimplex.Solve(uses, [.. graph.Links.Select(link => link.Bandwidth)]);
            return [.. trees.Zip(weights, (tree, weight) => tree with { Weight = weight }).Where(tree => tree.Weight.Sign > 0)];
        }

        (LinkLoads loads, Rational unit) = LinkLoads.Of(graph, trees);
        Rational scale = loads.MostUnit() / unit;
        return [.. trees.Select(tree => tree with { Weight = tree.Weight * scale })];
    }

    private static Rational Rate(ImmutableArray<PlanTree> trees) => trees.Aggregate(Rational.Zero, (sum, tree) => sum + tree.Weight);
}

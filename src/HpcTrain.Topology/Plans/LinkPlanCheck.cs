using System.Collections.Immutable;
using System.Numerics;

namespace HpcTrain.Topology;

/// <summary>Proves a plan against its links, whoever made it.</summary>
public static class LinkPlanCheck
{
    /// <summary>What is wrong with a plan, a sentence each; empty if nothing is.</summary>
    /// <remarks>
    /// Every tree spans the ranks, edge after edge from its root, in each direction that its collective needs and in no other; every edge's path follows links and passes
    /// through no third rank; no link carries more than its bandwidth, of all trees and both directions together; the roots get what their collective owes them; the rate is
    /// no more than the optimum.
    /// </remarks>
    public static IReadOnlyList<string> Faults(LinkPlan plan)
    {
        var faults = new List<string>();
        if (plan.Trees.IsEmpty)
            return ["A plan needs a tree."];
        bool isIn = plan.Collective is PackedCollective.AllReduce or PackedCollective.ReduceScatter, isOut = plan.Collective != PackedCollective.ReduceScatter;
        foreach ((int number, PlanTree tree) in plan.Trees.Index())
        {
            if (tree.Weight.Sign <= 0)
                faults.Add($"Tree {number} has weight {tree.Weight}.");
            foreach ((ImmutableArray<TreeEdge> edges, bool needed, bool towardsRoot, string way) in new[] { (tree.In, isIn, true, "up"), (tree.Out, isOut, false, "down") })
            {
                if (!needed && !edges.IsEmpty)
                    faults.Add($"Tree {number} leads {way}, which its collective does not.");
                if (needed && Spans(tree.Root, edges, plan.Graph.Ranks, towardsRoot) is { } fault)
                    faults.Add($"Tree {number} of root {tree.Root} {fault} on its way {way}.");
            }
        }

        CheckLinks(plan, faults);
        CheckRoots(plan, faults);
        if (plan.Rate > plan.Optimum)
            faults.Add($"The rate {plan.Rate} is above the optimum {plan.Optimum}.");
        return faults;
    }

    private static string? Spans(int root, ImmutableArray<TreeEdge> edges, int ranks, bool towardsRoot)
    {
        if ((uint)root >= (uint)ranks)
            return "has an unknown root";
        var reached = new bool[ranks];
        reached[root] = true;
        foreach (TreeEdge edge in edges)
        {
            (int near, int far) = towardsRoot ? (edge.To, edge.From) : (edge.From, edge.To);
            if ((uint)near >= (uint)ranks || (uint)far >= (uint)ranks || !reached[near] || reached[far])
                return $"cannot have the edge {edge.From}-{edge.To} there";
            reached[far] = true;
        }

        int missing = Array.IndexOf(reached, false);
        return missing < 0 ? null : $"does not reach rank {missing}";
    }

    private static void CheckLinks(LinkPlan plan, List<string> faults)
    {
        (Rational unit, BigInteger[] weights) = ScaledLinks.Whole(plan.Trees.Select(tree => tree.Weight));
        var byEdge = new Dictionary<TreeEdge, BigInteger>(ReferenceEqualityComparer.Instance); // trees of a hierarchy share their edges
        foreach ((PlanTree tree, BigInteger weight) in plan.Trees.Zip(weights))
        {
            foreach (TreeEdge edge in tree.In.AsEnumerable().Concat(tree.Out))
                byEdge[edge] = byEdge.GetValueOrDefault(edge) + weight;
        }

        var load = new Dictionary<(int From, int To), BigInteger>();
        foreach ((TreeEdge edge, BigInteger weight) in byEdge)
        {
            ImmutableArray<int> path = edge.Path;
            if (path.Length < 2 || path[0] != edge.From || path[^1] != edge.To || path[1..^1].Any(node => node < plan.Graph.Ranks))
                faults.Add($"The edge from {edge.From} to {edge.To} cannot take the path {string.Join('-', path)}.");
            for (int i = 1; i < path.Length; i++)
                load[(path[i - 1], path[i])] = load.GetValueOrDefault((path[i - 1], path[i])) + weight;
        }

        var links = plan.Graph.Links.ToDictionary(link => (link.From, link.To));
        foreach (((int From, int To) ends, BigInteger carried) in load.OrderBy(pair => pair.Key))
        {
            if (!links.TryGetValue(ends, out Link? link))
                faults.Add($"There is no link from node {ends.From} to node {ends.To}.");
            else if (unit * carried > link.Bandwidth)
                faults.Add($"The link from node {ends.From} to node {ends.To} has {link.Bandwidth} GB/s and is to carry {unit * carried}.");
        }
    }

    private static void CheckRoots(LinkPlan plan, List<string> faults)
    {
        var roots = plan.Trees.GroupBy(tree => tree.Root).ToDictionary(group => group.Key, group => group.Aggregate(Rational.Zero, (sum, tree) => sum + tree.Weight));
        if (plan.Collective == PackedCollective.Broadcast && roots.Count > 1)
            faults.Add($"A broadcast has one root, not {roots.Count}.");
        if (plan.Collective is not (PackedCollective.AllGather or PackedCollective.ReduceScatter))
            return;
        Rational share = plan.Rate / plan.Graph.Ranks;
        for (int rank = 0; rank < plan.Graph.Ranks; rank++)
        {
            if (roots.GetValueOrDefault(rank) != share)
                faults.Add($"The trees of root {rank} weigh {roots.GetValueOrDefault(rank)} together, not {share} as for every rank.");
        }
    }
}

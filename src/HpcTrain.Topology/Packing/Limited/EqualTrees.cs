using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>A given number of trees of equal weight, as heavy as they can be.</summary>
/// <remarks>
/// Trees of weight w fit just if trees of weight 1 fit capacities of floor(c / w), and this changes only where w is the capacity of a link by a number of trees. So w is
/// searched among these. For given roots, k trees of weight 1 each exist if a
/// source that feeds k into every root can send all of it to any rank, and are packed as any arborescences. Undirected trees exist if no
/// partition is too weak (Nash-Williams and Tutte). Of capacities trimmed to k (ranks - 1) every unit is then given a direction, so that k enter each rank but the
/// root: no set holds more than its share, so k enter every set too, and arborescences along the directions are the trees.
/// </remarks>
internal static class EqualTrees
{
    /// <summary>The heaviest trees out of some roots.</summary>
    /// <param name="graph">Ranks and links between them; every root reaches all ranks.</param>
    /// <param name="roots">The roots.</param>
    /// <param name="count">The number of trees of each root.</param>
    public static ImmutableArray<PackedTree> Directed(LinkGraph graph, IReadOnlyList<int> roots, int count)
    {
        ScaledLinks scaled = ScaledLinks.Of(graph);
        (Rational weight, long[] fits) = Heaviest(scaled.Capacities, count * roots.Count, Fit);
        RootDemand[] demands = [.. Enumerable.Repeat(roots, count).SelectMany(all => all).Select(root => new RootDemand(root, 1))];
        var links = new LogicalLinks(graph, fits);
        return LogicalTree.ToPaths(GreedyForest.Pack(links, demands) ?? ExactForest.Pack(links, demands), graph, fits, weight * scaled.Unit);

        bool Fit(long[] capacities)
        {
            var flow = new MaxFlow(graph.Ranks + 1);
            for (int i = 0; i < capacities.Length; i++)
                flow.AddArc(graph.Links[i].From, graph.Links[i].To, capacities[i]);
            foreach (int root in roots)
                flow.AddArc(graph.Ranks, root, count);
            return Enumerable.Range(0, graph.Ranks).All(rank => flow.Run(graph.Ranks, rank) == count * roots.Count);
        }
    }

    /// <summary>The heaviest undirected trees.</summary>
    public static ImmutableArray<PackedTree> Undirected(TwoWayLinks links, int count)
    {
        int ranks = links.Graph.Ranks;
        (Rational weight, long[] fits) = Heaviest([.. links.Capacities], count, capacities => StrengthRate.LeastPartition(ranks, links.Edges, capacities, count).Value == 0);
        Dictionary<(int From, int To), long> directed = Direct(links, SpanningTreeDecomposition.Trim(ranks, links.Edges, fits, count), count);
        var logical = new LogicalLinks(links.Graph, [.. links.Graph.Links.Select(link => directed.GetValueOrDefault((link.From, link.To)))]);
        return [.. ExactForest.Pack(logical, Enumerable.Repeat(new RootDemand(0, 1), count))
            .Select(tree => links.Root([.. tree.Links.Select(links.EdgeOf)], weight * links.Unit))];
    }

    private static (Rational Weight, long[] Fits) Heaviest(long[] capacities, int count, Func<long[], bool> fit)
    {
        Rational[] weights = [.. capacities.Distinct().SelectMany(capacity => Enumerable.Range(1, count).Select(parts => new Rational(capacity, parts))).Distinct().Order()];
        int good = 0, bad = weights.Length; // the lightest fits: every link takes all trees then
        while (bad - good > 1)
        {
            int middle = (good + bad) / 2;
            (good, bad) = fit(Fits(weights[middle])) ? (middle, bad) : (good, middle);
        }

        return (weights[good], Fits(weights[good]));

        long[] Fits(Rational weight) => [.. capacities.Select(capacity => Math.Min(count, (long)(capacity / weight).Floor))];
    }

    private static Dictionary<(int From, int To), long> Direct(TwoWayLinks links, long[] capacities, int count)
    {
        int ranks = links.Graph.Ranks, source = ranks + links.Edges.Length, sink = source + 1;
        var flow = new MaxFlow(sink + 1);
        var towards = new int[links.Edges.Length];
        for (int i = 0; i < towards.Length; i++)
        {
            flow.AddArc(source, ranks + i, capacities[i]);
            towards[i] = flow.AddArc(ranks + i, links.Edges[i].A, capacities[i]);
            flow.AddArc(ranks + i, links.Edges[i].B, capacities[i]);
        }

        for (int rank = 1; rank < ranks; rank++)
            flow.AddArc(rank, sink, count);
        flow.Run(source, sink);
        var directed = new Dictionary<(int From, int To), long>();
        foreach ((int i, Edge edge) in links.Edges.Index())
        {
            long towardsA = flow.FlowAlong(towards[i]);
            directed.Add((edge.B, edge.A), towardsA);
            directed.Add((edge.A, edge.B), capacities[i] - towardsA);
        }

        return directed;
    }
}

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>
/// Guesses trees of all roots at once that go round a ring of all ranks, in the order of their numbers: from each root halfway round in either direction.
/// </summary>
/// <remarks>
/// Every rank gets each tree once, so that its own link, if it has only one, is used as well as can be. Numbers mostly follow the wiring (ranks of a leaf or of a pod stand
/// together), and then few hops of the ring go through any switch's uplinks: in a fat tree the guess comes out, which for a thousand ranks saves the exact way. Its trees are
/// as deep as half the ring, so that smaller graphs are better served by the exact way.
/// </remarks>
internal static class RingForest
{
    /// <summary>Trees that carry all demands, or null where they do not fit the links or roots do not have equal demands.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="capacities">By the numbers of its links.</param>
    /// <param name="demands">The demands, in the unit of the capacities.</param>
    /// <param name="unit">What a weight of 1 stands for.</param>
    public static ImmutableArray<PackedTree>? Pack(LinkGraph graph, long[] capacities, IReadOnlyList<RootDemand> demands, Rational unit)
    {
        int ranks = graph.Ranks, forward = ranks / 2, backward = ranks - 1 - forward;
        long weight = demands[0].Weight;
        if (demands.Count != ranks || demands.Index().Any(demand => demand.Item.Root != demand.Index || demand.Item.Weight != weight))
            return null;
        var ahead = new TreeEdge[ranks];
        var back = new TreeEdge[ranks];
        for (int rank = 0; rank < ranks; rank++)
        {
            var paths = new TransitPaths(graph, rank);
            if (paths.To((rank + 1) % ranks) is not { } next || paths.To((rank + ranks - 1) % ranks) is not { } before)
                return null;
            (ahead[rank], back[rank]) = (next, before);
        }

        return Fits(graph, capacities, weight, ahead.Select(hop => (hop, forward)).Concat(back.Select(hop => (hop, backward))))
            ? [.. Enumerable.Range(0, ranks).Select(root => new PackedTree(root, unit * weight, [.. Edges(root)]))] : null;

        IEnumerable<TreeEdge> Edges(int root)
        {
            for (int i = 0; i < forward; i++)
            {
                yield return ahead[(root + i) % ranks];
                if (i < backward)
                    yield return back[(root + ranks - i) % ranks];
            }
        }
    }

    private static bool Fits(LinkGraph graph, long[] capacities, long weight, IEnumerable<(TreeEdge Hop, int Trees)> hops)
    {
        var left = graph.Links.Index().ToDictionary(pair => (pair.Item.From, pair.Item.To), pair => (Int128)capacities[pair.Index]);
        foreach ((TreeEdge hop, int trees) in hops)
        {
            for (int i = 1; i < hop.Path.Length; i++)
            {
                Int128 rest = left[(hop.Path[i - 1], hop.Path[i])] -= (Int128)weight * trees;
                if (rest < 0)
                    return false;
            }
        }

        return true;
    }
}

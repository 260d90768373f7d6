using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>Allreduce along chains through switches: what few trees do best there, since a star needs one root for each share of the load.</summary>
/// <remarks>
/// A chain goes from each rank to the nearest that it has not been to, on the way through no other, and is rooted in its middle. With all pieces up and down, every rank
/// sends 2 pieces but the two ends, which send one: on one switch a single chain carries B/2, and m/2 chains, each with other ends, all of m B / (2 (m - 1)).
/// </remarks>
internal static class Chains
{
    /// <summary>So many chains of weight 1, or fewer; none where links do not go both ways alike, or ranks are reached through others only.</summary>
    public static ImmutableArray<PlanTree> Of(LinkGraph graph, int count)
    {
        if (!Symmetry.Has(graph))
            return [];
        TransitPaths[] paths = [.. Enumerable.Range(0, graph.Ranks).Select(rank => new TransitPaths(graph, rank))];
        var chains = new List<PlanTree>();
        for (int start = 0; start < graph.Ranks && chains.Count < count; start += 2)
        {
            if (From(paths, start) is not { } chain)
                return [];
            int middle = chain[chain.Length / 2].From;
            ImmutableArray<TreeEdge> outwards = TreeDirections.RootAt(middle, chain);
            chains.Add(new(middle, Rational.One, TreeDirections.Reverse(outwards), outwards));
        }

        return [.. chains];
    }

    private static ImmutableArray<TreeEdge>? From(TransitPaths[] paths, int start)
    {
        int ranks = paths.Length;
        var left = new HashSet<int>(Enumerable.Range(0, ranks).Where(rank => rank != start));
        var chain = new List<TreeEdge>(ranks - 1);
        for (int at = start; left.Count > 0;)
        {
            int next = left.MinBy(rank => (paths[at].Length(rank), (rank - at + ranks) % ranks));
            if (paths[at].To(next) is not { } edge)
                return null;
            chain.Add(edge);
            left.Remove(next);
            at = next;
        }

        return [.. chain];
    }
}

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>Allreduce through one switch that joins all ranks: every rank is the root of a star, which all others reach in one hop (Blink, section 3.4).</summary>
/// <remarks>
/// Of m ranks each sums 1/m of the buffer and sends it back: 2 (m - 1) pieces leave and enter each of them, so that ports of bandwidth B carry m B / (2 (m - 1)). No
/// tree through the switch does better, and none is less deep. Where ports differ, the narrowest limits all.
/// </remarks>
internal static class OneHop
{
    /// <summary>The method, or null where ranks are joined otherwise.</summary>
    public static PlanMethod? Find(LinkGraph graph)
    {
        int m = graph.Ranks;
        if (m < 2 || graph.Nodes.Length != m + 1 || graph.Links.Length != 2 * m || graph.LinksFrom(m).Length != m || graph.LinksTo(m).Length != m)
            return null;
        Rational optimum = graph.Links.Min(link => link.Bandwidth) * m / (2 * (m - 1));
        Link narrow = graph.Links.MinBy(link => link.Bandwidth)!;
        int rank = Math.Min(narrow.From, narrow.To);
        ImmutableArray<int> one = [rank], others = [.. Enumerable.Range(0, m + 1).Where(node => node != rank)];
        var cut = new LimitingCut(narrow.From == rank ? [one, others] : [others, one], [narrow], narrow.Bandwidth, optimum);
        return new(PlanMethods.OneHop, optimum, cut, () => Stars(m, optimum / m));
    }

    private static ImmutableArray<PlanTree> Stars(int ranks, Rational weight) => [.. Enumerable.Range(0, ranks).Select(root =>
    {
        ImmutableArray<TreeEdge> star = [.. Enumerable.Range(0, ranks).Where(rank => rank != root).Select(rank => new TreeEdge(root, rank, [root, ranks, rank]))];
        return new PlanTree(root, weight, TreeDirections.Reverse(star), star);
    })];
}

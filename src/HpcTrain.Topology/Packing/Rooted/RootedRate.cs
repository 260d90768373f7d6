using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>
/// The best rate at which each of some roots can send its own data to all ranks at once: of one root, a broadcast; of all, an allgather.
/// </summary>
/// <remarks>
/// <para>
/// Data of all roots on one side S of a cut have to leave it if a rank is on the other side: the rate x of every root is at most B(S) / |roots in S|, where B(S) is
/// what the links out of S let through. The least of these bounds is reached: by Edmonds for one root, by Frank and others for many (ForestColl, arXiv 2402.06787).
/// </para>
/// <para>
/// A rate x is possible just if a super source that feeds x into every root can send all of it to every rank v: one max-flow each. Where it cannot, the min cut is a
/// set S with a lower bound, which becomes the new x. The flows to earlier ranks stand, since they are asked for less. So one flow per rank and one more per bound on
/// the way give the exact fraction, with no search between bounds. With x = p/q, links have q times their capacity and roots are fed p: whole numbers throughout.
/// </para>
/// </remarks>
/// <param name="Rate">x, in the unit of the scaled links.</param>
/// <param name="Cut">The side S that limits it: true for the nodes in it.</param>
internal sealed record RootedRate(Rational Rate, bool[] Cut)
{
    /// <summary>Finds the rate. Every root reaches all ranks.</summary>
    public static RootedRate Find(LinkGraph graph, ScaledLinks links, IReadOnlyList<int> roots)
    {
        int source = graph.Nodes.Length;
        var flow = new MaxFlow(source + 1);
        int[] arcs = [.. graph.Links.Select(link => flow.AddArc(link.From, link.To, 0))];
        int[] feeds = [.. roots.Select(root => flow.AddArc(source, root, 0))];
        RootedRate found = AroundOneRank(graph, links, roots);
        Scale();
        for (int rank = 0; rank < graph.Ranks; rank++)
        {
            while (flow.Run(source, rank, Needed()) < Needed())
            {
                found = Bound(graph, links, roots, [.. Enumerable.Range(0, source).Select(flow.IsOnSourceSide)]);
                Scale();
            }
        }

        return found;

        long Needed() => (long)found.Rate.Numerator * roots.Count;

        void Scale()
        {
            for (int i = 0; i < arcs.Length; i++)
                flow[arcs[i]] = checked((long)found.Rate.Denominator * links.Capacities[i]);
            foreach (int feed in feeds)
                flow[feed] = (long)found.Rate.Numerator;
        }
    }

    /// <summary>The limit in the words of results.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="optimum">The rate of the whole collective, in 10^9 bytes per second.</param>
    public LimitingCut Limit(LinkGraph graph, Rational optimum)
    {
        ImmutableArray<Link> links = [.. graph.Links.Where(link => Cut[link.From] && !Cut[link.To])];
        ImmutableArray<int> Side(bool within) => [.. Enumerable.Range(0, Cut.Length).Where(node => Cut[node] == within)];
        return new([Side(true), Side(false)], links, links.Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth), optimum);
    }

    /// <summary>The least bound of the cuts around a single rank: close to the answer, and often it.</summary>
    private static RootedRate AroundOneRank(LinkGraph graph, ScaledLinks links, IReadOnlyList<int> roots)
    {
        RootedRate? least = null;
        var entering = new long[graph.Nodes.Length];
        for (int i = 0; i < links.Capacities.Length; i++)
            entering[graph.Links[i].To] += links.Capacities[i];
        for (int rank = 0; rank < graph.Ranks; rank++)
        {
            int others = roots.Count - (roots.Contains(rank) ? 1 : 0);
            if (others > 0 && (least == null || new Rational(entering[rank], others) < least.Rate))
                least = new(new(entering[rank], others), [.. Enumerable.Range(0, graph.Nodes.Length).Select(node => node != rank)]);
        }

        return least!;
    }

    private static RootedRate Bound(LinkGraph graph, ScaledLinks links, IReadOnlyList<int> roots, bool[] side)
    {
        long leaving = 0;
        for (int i = 0; i < links.Capacities.Length; i++)
            leaving += side[graph.Links[i].From] && !side[graph.Links[i].To] ? links.Capacities[i] : 0;
        return new(new(leaving, roots.Count(root => side[root])), side);
    }
}

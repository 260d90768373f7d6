using System.Collections.Immutable;
using System.Numerics;

namespace HpcTrain.Topology;

/// <summary>What trees put on each link, in whole numbers of a unit, and how much of all that the links carry.</summary>
internal sealed class LinkLoads
{
    private readonly LinkGraph _graph;
    private readonly Dictionary<(int From, int To), int> _numbers;
    private readonly Int128[] _loads;

    /// <summary>No load.</summary>
    public LinkLoads(LinkGraph graph)
    {
        _graph = graph;
        _numbers = graph.Links.Index().ToDictionary(pair => (pair.Item.From, pair.Item.To), pair => pair.Index);
        _loads = new Int128[graph.Links.Length];
    }

    /// <summary>The load of trees, in units of a common measure of their weights.</summary>
    public static (LinkLoads Loads, Rational Unit) Of(LinkGraph graph, IReadOnlyList<PlanTree> trees)
    {
        var loads = new LinkLoads(graph);
        (Rational unit, BigInteger[] weights) = ScaledLinks.Whole(trees.Select(tree => tree.Weight));
        var byEdge = new Dictionary<TreeEdge, Int128>(ReferenceEqualityComparer.Instance); // trees of a hierarchy share their edges
        foreach ((PlanTree tree, BigInteger weight) in trees.Zip(weights))
        {
            foreach (TreeEdge edge in tree.In.AsEnumerable().Concat(tree.Out))
                byEdge[edge] = byEdge.GetValueOrDefault(edge) + (Int128)weight;
        }

        foreach ((TreeEdge edge, Int128 weight) in byEdge)
            loads.Add(edge.Path, weight);
        return (loads, unit);
    }

    public void Add(ImmutableArray<int> path, Int128 weight)
    {
        for (int i = 1; i < path.Length; i++)
            _loads[_numbers[(path[i - 1], path[i])]] += weight;
    }

    /// <summary>The most that a unit can be worth, in 10^9 bytes per second: then some link is full. Some link has a load.</summary>
    public Rational MostUnit() => Enumerable.Range(0, _loads.Length).Where(link => _loads[link] > 0).Min(Worth);

    /// <summary>
    /// Why a unit cannot be worth more: full links that together cut ranks from others, if there are such; otherwise the links out of a node that a full link leaves.
    /// </summary>
    /// <param name="optimum">The rate that this makes the limit.</param>
    public LimitingCut Limit(Rational optimum)
    {
        Rational most = MostUnit();
        bool[] full = [.. Enumerable.Range(0, _loads.Length).Select(link => _loads[link] > 0 && Worth(link) == most)];
        bool[] side = [];
        foreach (int link in Enumerable.Range(0, full.Length).Where(link => full[link]))
        {
            side = Reached(_graph.Links[link].From, full);
            if (!side[_graph.Links[link].To] && side.Take(_graph.Ranks).Contains(true) && side.Take(_graph.Ranks).Contains(false))
                return Cut(side, optimum);
        }

        int narrow = _graph.Links[Array.IndexOf(full, true)].From;
        return Cut([.. Enumerable.Range(0, _graph.Nodes.Length).Select(node => node == narrow)], optimum);
    }

    private LimitingCut Cut(bool[] side, Rational optimum)
    {
        ImmutableArray<int> Side(bool within) => [.. Enumerable.Range(0, side.Length).Where(node => side[node] == within)];
        ImmutableArray<Link> links = [.. _graph.Links.Where(link => side[link.From] && !side[link.To])];
        return new([Side(true), Side(false)], links, links.Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth), optimum);
    }

    private Rational Worth(int link) => _graph.Links[link].Bandwidth / (BigInteger)_loads[link];

    private bool[] Reached(int start, bool[] full)
    {
        var reached = new bool[_graph.Nodes.Length];
        var open = new Stack<int>([start]);
        reached[start] = true;
        while (open.TryPop(out int node))
        {
            foreach (Link link in _graph.LinksFrom(node))
            {
                if (reached[link.To] || full[_numbers[(link.From, link.To)]])
                    continue;
                reached[link.To] = true;
                open.Push(link.To);
            }
        }

        return reached;
    }
}

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>The links of a graph as undirected edges: what goes both ways between two ranks, which is the lesser of the two directions.</summary>
/// <param name="Graph">The graph with these links only, both directions alike.</param>
/// <param name="Unit">What a capacity of 1 stands for, in 10^9 bytes per second.</param>
/// <param name="Edges">The edges, in ascending order.</param>
/// <param name="Capacities">Their capacities, without a common divisor.</param>
internal sealed record TwoWayLinks(LinkGraph Graph, Rational Unit, ImmutableArray<Edge> Edges, ImmutableArray<long> Capacities)
{
    /// <summary>Takes the links of a graph.</summary>
    /// <exception cref="TopologyException">There are switches; some ranks are not joined by links that go both ways, or there is one rank only; no common measure.</exception>
    public static TwoWayLinks Of(LinkGraph graph)
    {
        if (graph.Nodes.Length > graph.Ranks)
        {
            throw new TopologyException(
                $"Topology '{graph.Name}' has {graph.Nodes[graph.Ranks].Name}, through which data only pass; undirected trees are packed over links between ranks alone. "
                + "Plan a reduce-scatter and an allgather instead.");
        }

        var twoWay = new LinkGraph(graph.Name, graph.Nodes, graph.Links
            .Select(link => (Link: link, Back: graph.LinkBetween(link.To, link.From)))
            .Where(pair => pair.Back != null)
            .Select(pair => pair.Link with { Bandwidth = Rational.Min(pair.Link.Bandwidth, pair.Back!.Bandwidth) }));
        Reachability.RequireFrom(twoWay, 0);
        ScaledLinks scaled = ScaledLinks.Of(twoWay);
        int[] once = [.. Enumerable.Range(0, twoWay.Links.Length).Where(i => twoWay.Links[i].From < twoWay.Links[i].To)];
        return new(twoWay, scaled.Unit, [.. once.Select(i => new Edge(twoWay.Links[i].From, twoWay.Links[i].To))], [.. once.Select(i => scaled.Capacities[i])]);
    }

    /// <summary>The limit in the words of results.</summary>
    public LimitingCut Limit(StrengthRate rate)
    {
        ImmutableArray<int>[] parts = [.. rate.Parts.Index().GroupBy(pair => pair.Item, pair => pair.Index).Select(part => part.ToImmutableArray())];
        ImmutableArray<Link> between = [.. Graph.Links.Where(link => link.From < link.To && rate.Parts[link.From] != rate.Parts[link.To])];
        return new([.. parts], between, between.Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth), rate.Rate * Unit);
    }

    /// <summary>A tree of edges, rooted at a rank in its middle: data go up to it and down again, so its depth counts twice.</summary>
    public PackedTree Root(IReadOnlyList<int> tree, Rational weight)
    {
        ILookup<int, int> neighbours = tree.SelectMany(i => new[] { (Edges[i].A, Edges[i].B), (Edges[i].B, Edges[i].A) }).ToLookup(pair => pair.Item1, pair => pair.Item2);
        (int root, List<(int From, int To)> edges, _) = Enumerable.Range(0, Graph.Ranks).Select(rank => Walk(rank, neighbours)).MinBy(walk => walk.Depth);
        return new(root, weight, [.. edges.Select(edge => new TreeEdge(edge.From, edge.To, [edge.From, edge.To]))]);
    }

    /// <summary>The number of the edge that a link lies on.</summary>
    public int EdgeOf(LogicalLink link) => Edges.BinarySearch(new(Math.Min(link.From, link.To), Math.Max(link.From, link.To)), Comparer<Edge>.Create(
        (one, other) => (one.A, one.B).CompareTo((other.A, other.B))));

    private static (int Root, List<(int From, int To)> Edges, int Depth) Walk(int root, ILookup<int, int> neighbours)
    {
        var depth = new Dictionary<int, int> { [root] = 0 };
        var open = new Queue<int>([root]);
        var edges = new List<(int From, int To)>();
        while (open.TryDequeue(out int rank))
        {
            foreach (int next in neighbours[rank].Where(next => depth.TryAdd(next, depth[rank] + 1)))
            {
                edges.Add((rank, next));
                open.Enqueue(next);
            }
        }

        return (root, edges, depth.Values.Max());
    }
}

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>A part of a graph, renumbered, and the way back. Ranks come first and in their order; other nodes only as far as they have links.</summary>
/// <param name="Graph">The part.</param>
/// <param name="Nodes">The number in the whole graph of each of its nodes.</param>
internal sealed record LinkSelection(LinkGraph Graph, ImmutableArray<int> Nodes)
{
    /// <summary>All of a graph.</summary>
    public static LinkSelection All(LinkGraph graph) => new(graph, [.. Enumerable.Range(0, graph.Nodes.Length)]);

    /// <summary>Some links among some nodes.</summary>
    /// <param name="graph">The whole graph.</param>
    /// <param name="nodes">The nodes in ascending order, at least one rank among them.</param>
    /// <param name="keep">Which of the links among them to keep.</param>
    public static LinkSelection Of(LinkGraph graph, IEnumerable<int> nodes, Func<Link, bool> keep)
    {
        int[] all = [.. nodes];
        HashSet<int> within = [.. all];
        Link[] links = [.. all.SelectMany(node => graph.LinksFrom(node)).Where(link => within.Contains(link.To) && keep(link))];
        HashSet<int> linked = [.. links.SelectMany(link => new[] { link.From, link.To })];
        ImmutableArray<int> kept = [.. all.Where(node => node < graph.Ranks || linked.Contains(node))];
        Dictionary<int, int> numbers = kept.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        return new(
            new(graph.Name, kept.Select(node => graph.Nodes[node]), links.Select(link => link with { From = numbers[link.From], To = numbers[link.To] })), kept);
    }

    /// <summary>Whether every rank reaches every other.</summary>
    public bool JoinsAll() => Graph.Ranks == 1
        || (Graph.UnreachableFrom(0).Count == 0 && Enumerable.Range(1, Graph.Ranks - 1).All(rank => Graph.UnreachableFrom(rank).Count == 0));

    /// <summary>Trees of the part as trees of the whole.</summary>
    public ImmutableArray<PlanTree> Back(ImmutableArray<PlanTree> trees)
    {
        if (IsWhole)
            return trees;
        var known = new Dictionary<TreeEdge, TreeEdge>(ReferenceEqualityComparer.Instance);
        return [.. trees.Select(tree => new PlanTree(Nodes[tree.Root], tree.Weight, [.. tree.In.Select(Edge)], [.. tree.Out.Select(Edge)]))];

        TreeEdge Edge(TreeEdge edge) => known.TryGetValue(edge, out TreeEdge? back) ? back : known[edge] = Back(edge);
    }

    /// <summary>An edge of the part as an edge of the whole.</summary>
    public TreeEdge Back(TreeEdge edge) => new(Nodes[edge.From], Nodes[edge.To], [.. edge.Path.Select(node => Nodes[node])]);

    /// <summary>A cut of the part as a cut of the whole; nodes without links in the part are in none of its sets.</summary>
    public LimitingCut Back(LimitingCut cut) => IsWhole ? cut : cut with
    {
        Parts = [.. cut.Parts.Select(part => part.Select(node => Nodes[node]).ToImmutableArray())],
        Links = [.. cut.Links.Select(link => link with { From = Nodes[link.From], To = Nodes[link.To] })],
    };

    private bool IsWhole => Nodes.Length == 0 || (Nodes[^1] == Nodes.Length - 1 && Nodes.Length == Graph.Nodes.Length && Nodes.Index().All(pair => pair.Item == pair.Index));
}

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>A graph without its switches: each link between ranks has the bandwidth of one path.</summary>
/// <param name="Graph">Ranks and links between them.</param>
/// <param name="Paths">The path of each link.</param>
internal sealed record DirectLinks(LinkGraph Graph, Dictionary<(int From, int To), ImmutableArray<int>> Paths)
{
    /// <summary>What guesses make of a graph's switches, as far as all ranks stay joined: at least one, for a graph without switches itself.</summary>
    /// <exception cref="TopologyException">No guess joins all ranks.</exception>
    public static IReadOnlyList<DirectLinks> All(LinkGraph graph)
    {
        ScaledLinks scaled = ScaledLinks.Of(graph);
        DirectLinks[] all = [.. (graph.Ranks == graph.Nodes.Length ? [false] : new[] { true, false }).Select(spread => Guess(graph, scaled, spread)).Where(direct =>
            Enumerable.Range(0, graph.Ranks).All(rank => direct.Graph.UnreachableFrom(rank).Count == 0))];
        return all.Length > 0 ? all : throw new TopologyException($"No simple way was found round the switches of topology '{graph.Name}'; allow any number of trees.");
    }

    /// <summary>Trees over the links as trees over the paths.</summary>
    public ImmutableArray<PackedTree> OverPaths(ImmutableArray<PackedTree> trees) =>
        [.. trees.Select(tree => tree with { Edges = [.. tree.Edges.Select(edge => edge with { Path = Paths[(edge.From, edge.To)] })] })];

    private static DirectLinks Guess(LinkGraph graph, ScaledLinks scaled, bool spread)
    {
        var links = new LogicalLinks(graph, scaled.Capacities);
        SwitchRemoval.Guess(links, spread);
        var widest = links.All.Where(link => link.From < graph.Ranks && link.To < graph.Ranks).ToDictionary(
            link => (link.From, link.To), link => link.Routes.MaxBy(route => route.Capacity));
        return new(
            new(graph.Name, graph.Nodes.Take(graph.Ranks), widest.Select(pair => new Link(pair.Key.From, pair.Key.To, scaled.Unit * pair.Value.Capacity))),
            widest.ToDictionary(pair => pair.Key, pair => pair.Value.Path));
    }
}

namespace HpcTrain.Topology;

/// <summary>Tells links between devices from those of the host that lie beside them in the graphs of real machines.</summary>
/// <remarks>
/// Links of the host are PCIe, those between processors, and whatever else ends at a host: a GPU reaches others over them at a fraction of what NVLink or xGMI carries,
/// and shares them with disks, NICs and processors. Everything else, a link without a name too, counts as a link between devices.
/// </remarks>
internal static class HostLinks
{
    private const string Pcie = "PCIe", BetweenProcessors = "SMP";

    /// <summary>Whether a link is one of the host.</summary>
    public static bool Has(LinkGraph graph, Link link) =>
        link.Name.StartsWith(Pcie, StringComparison.Ordinal) || link.Name == BetweenProcessors
        || graph.Nodes[link.From].Kind == NodeKind.Host || graph.Nodes[link.To].Kind == NodeKind.Host;

    /// <summary>Some nodes with the links between devices among them.</summary>
    public static LinkSelection Without(LinkGraph graph, IEnumerable<int> nodes) => LinkSelection.Of(graph, nodes, link => !Has(graph, link));

    /// <summary>A graph's host links alone, or null if they do not join all ranks.</summary>
    public static LinkSelection? Only(LinkGraph graph) =>
        LinkSelection.Of(graph, Enumerable.Range(0, graph.Nodes.Length), link => Has(graph, link)) is { } host && host.JoinsAll() ? host : null;

    /// <summary>The links between devices if they join all the ranks among some nodes; otherwise all links among them.</summary>
    public static LinkSelection Usual(LinkGraph graph, IReadOnlyCollection<int> nodes) =>
        Without(graph, nodes) is { } devices && devices.JoinsAll() ? devices : LinkSelection.Of(graph, nodes, _ => true);
}

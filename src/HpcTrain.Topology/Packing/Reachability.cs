namespace HpcTrain.Topology;

/// <summary>Refuses graphs on which a collective cannot be carried out at all.</summary>
internal static class Reachability
{
    /// <summary>Checks that every rank reaches every other.</summary>
    /// <exception cref="TopologyException">There is one rank only, or some cannot be reached: they are named.</exception>
    public static void RequireAll(LinkGraph graph) => Require(graph, Enumerable.Range(0, graph.Ranks));

    /// <summary>Checks that a rank reaches every other.</summary>
    /// <exception cref="TopologyException">There is no such rank, or one rank only, or some cannot be reached: they are named.</exception>
    public static void RequireFrom(LinkGraph graph, int root)
    {
        if ((uint)root >= (uint)graph.Ranks)
            throw new TopologyException($"There is no rank {root} in topology '{graph.Name}'; its ranks are numbered from 0 to {graph.Ranks - 1}.");
        Require(graph, [root]);
    }

    private static void Require(LinkGraph graph, IEnumerable<int> roots)
    {
        if (graph.Ranks < 2)
            throw new TopologyException($"Topology '{graph.Name}' has one rank; a plan needs at least two.");
        foreach (int root in roots)
        {
            IReadOnlyList<int> lost = graph.UnreachableFrom(root);
            if (lost.Count > 0)
            {
                throw new TopologyException(
                    $"Topology '{graph.Name}' is disconnected: from {graph.Nodes[root].Name} no links lead to {string.Join(", ", lost.Select(rank => graph.Nodes[rank].Name))}; "
                    + "leave them out of the allocation, or add links.");
            }
        }
    }
}

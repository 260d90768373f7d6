namespace HpcTrain.Topology;

/// <summary>Allreduce up and down the same undirected trees, by <see cref="SpanningTreePacking"/>, at tau: direct links only.</summary>
internal static class UndirectedTrees
{
    /// <summary>The method, or null where there are switches, or links that go one way only are needed to reach every rank.</summary>
    public static PlanMethod? Find(LinkGraph graph) => Joins(graph) ? PlanMethod.Of(graph, SpanningTreePacking.Plan(graph), PlanMethods.Trees) : null;

    /// <summary>Whether links that go both ways between ranks join them all.</summary>
    public static bool Joins(LinkGraph graph)
    {
        if (graph.Nodes.Length > graph.Ranks)
            return false;
        var twoWay = new LinkGraph(graph.Name, graph.Nodes, graph.Links.Where(link => graph.LinkBetween(link.To, link.From) != null));
        return twoWay.UnreachableFrom(0).Count == 0;
    }
}

namespace HpcTrain.Topology;

/// <summary>Every node linked to every other.</summary>
internal sealed class FullMesh : BuiltInTopology
{
    public override string Name => "full";

    public override IReadOnlyList<string> Aliases => ["mesh", "full-mesh"];

    public override string Description => "n nodes, each linked to every other";

    public override IReadOnlyList<TopologyParameter> Parameters { get; } = CommonParameters.Network(new TopologyParameter("n", "8", "number of nodes"));

    internal override LinkGraph Create(TopologyArguments arguments)
    {
        int nodes = arguments.Integer("n", 1, 1024);
        var graph = new GraphAssembly();
        for (int node = 0; node < nodes; node++)
        {
            graph.Add(NodeKind.Rank, $"node{node}", node);
            for (int other = 0; other < node; other++)
                graph.Connect(other, node, arguments.Bandwidth(), "", arguments.LatencySeconds());
        }

        return graph.ToGraph(arguments.Specification);
    }
}

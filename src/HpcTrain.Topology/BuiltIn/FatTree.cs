namespace HpcTrain.Topology;

/// <summary>
/// The fat tree of Al-Fares, Loukissas and Vahdat (SIGCOMM 2008), built from switches of k ports that are all alike.
///
/// There are k pods. In a pod, each of k/2 edge switches has k/2 nodes and is linked to each of k/2 aggregation switches. Of (k/2)^2 core switches,
/// every one has a link to one aggregation switch of each pod: the cores of row i to the i-th. So k^3/4 nodes can all talk at their full rate across any cut.
/// </summary>
internal sealed class FatTree : BuiltInTopology
{
    public override string Name => "fat-tree";

    public override string Description => "k^3/4 nodes under three levels of switches with k ports, at full rate across every cut";

    public override IReadOnlyList<TopologyParameter> Parameters { get; } = CommonParameters.Network(new TopologyParameter("k", "4", "ports of a switch, even"));

    internal override LinkGraph Create(TopologyArguments arguments)
    {
        const int MostPorts = 64;
        int k = arguments.Integer("k", 2, MostPorts);
        if (k % 2 != 0)
            throw arguments.Wrong("k", $"an even number from 2 to {MostPorts}");
        Rational bandwidth = arguments.Bandwidth();
        double latency = arguments.LatencySeconds();
        int half = k / 2;
        var graph = new GraphAssembly();
        int[] cores = [.. Enumerable.Range(0, half * half).Select(core => graph.Add(NodeKind.Switch, $"core{core}", -1))];
        for (int pod = 0, node = 0; pod < k; pod++)
        {
            int[] aggregations = [.. Enumerable.Range(0, half).Select(i => graph.Add(NodeKind.Switch, $"pod{pod}.aggregation{i}", -1))];
            for (int row = 0; row < half; row++)
            {
                for (int column = 0; column < half; column++)
                    graph.Connect(aggregations[row], cores[(row * half) + column], bandwidth, "", latency);
            }

            for (int i = 0; i < half; i++)
            {
                int edge = graph.Add(NodeKind.Switch, $"pod{pod}.edge{i}", -1);
                foreach (int aggregation in aggregations)
                    graph.Connect(edge, aggregation, bandwidth, "", latency);
                for (int j = 0; j < half; j++, node++)
                    graph.Connect(graph.Add(NodeKind.Rank, $"node{node}", node), edge, bandwidth, "", latency);
            }
        }

        return graph.ToGraph(arguments.Specification);
    }
}

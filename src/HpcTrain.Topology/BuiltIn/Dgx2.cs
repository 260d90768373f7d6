namespace HpcTrain.Topology;

/// <summary>NVIDIA's DGX-2: sixteen V100, each with six NVLinks to the NVSwitches, which pass everything at full rate and count as one.</summary>
internal sealed class Dgx2 : BuiltInTopology
{
    public override string Name => "dgx2";

    public override string Description => "NVIDIA DGX-2 with 16 V100 on an NVSwitch";

    public override IReadOnlyList<TopologyParameter> Parameters =>
        [new(CommonParameters.BandwidthName, "150", "GB/s of a GPU to the NVSwitch and back"), CommonParameters.Latency];

    public override string Example => Name;

    internal override LinkGraph Create(TopologyArguments arguments)
    {
        var graph = new GraphAssembly();
        int nvSwitch = graph.Add(NodeKind.Switch, "nvswitch");
        for (int gpu = 0; gpu < 16; gpu++)
            graph.Connect(graph.Add(NodeKind.Rank, $"gpu{gpu}"), nvSwitch, arguments.Bandwidth(), "NV6", arguments.LatencySeconds());
        return graph.ToGraph(arguments.Specification);
    }
}

namespace HpcTrain.Topology;

/// <summary>
/// NVIDIA's DGX-1: eight GPUs in two quads. In each quad all GPUs are linked, and every GPU to its counterpart in the other quad. The model with Pascal GPUs has one
/// NVLink for each of the 16 pairs; that with Volta GPUs has 24, so that each GPU has two of its four pairs doubled. Only NVLinks are in the graph.
/// </summary>
internal sealed class Dgx1 : BuiltInTopology
{
    private readonly string _pairs;

    private Dgx1(string name, string gpu, string pairs, string bandwidth)
    {
        Name = name;
        Description = $"NVIDIA DGX-1 with 8 {gpu}: {pairs.Split(' ').Sum(pair => pair[^1] - '0')} NVLinks";
        Parameters = [new(CommonParameters.BandwidthName, bandwidth, "GB/s of one NVLink and direction"), CommonParameters.Latency];
        _pairs = pairs;
    }

    public static Dgx1 Pascal { get; } =
        new("dgx1p", "P100", "0-1:1 0-2:1 0-3:1 0-4:1 1-2:1 1-3:1 1-5:1 2-3:1 2-6:1 3-7:1 4-5:1 4-6:1 4-7:1 5-6:1 5-7:1 6-7:1", "20");

    public static Dgx1 Volta { get; } =
        new("dgx1v", "V100", "0-1:1 0-2:1 0-3:2 0-4:2 1-2:2 1-3:1 1-5:2 2-3:2 2-6:1 3-7:1 4-5:1 4-6:1 4-7:2 5-6:2 5-7:1 6-7:2", "25");

    public override string Name { get; }

    public override string Description { get; }

    public override IReadOnlyList<TopologyParameter> Parameters { get; }

    public override string Example => Name;

    internal override LinkGraph Create(TopologyArguments arguments)
    {
        var graph = new GraphAssembly();
        int[] gpus = [.. Enumerable.Range(0, 8).Select(gpu => graph.Add(NodeKind.Rank, $"gpu{gpu}"))];
        GpuBox.ConnectPairs(graph, gpus, _pairs, arguments.Bandwidth(), "NV#", arguments.LatencySeconds());
        return graph.ToGraph(arguments.Specification);
    }
}

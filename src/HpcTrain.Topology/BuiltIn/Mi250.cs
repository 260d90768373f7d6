namespace HpcTrain.Topology;

/// <summary>
/// A box of eight AMD MI250, each of two dies that count as GPUs, so there are sixteen. Every die has seven xGMI links: four to the other die of its
/// module, three to others. Two halves of eight dies are alike, and six links join them. Several boxes are joined by one network switch, to which
/// every die leads. The rates are those with which ForestColl (arXiv 2402.06787) finds 342.857 and 354.133 GB/s for an allgather in one box and in two.
/// </summary>
internal sealed class Mi250 : BuiltInTopology
{
    private const int Gpus = 16;

    private const string Pairs = "0-1:4 2-3:4 4-5:4 6-7:4 8-9:4 10-11:4 12-13:4 14-15:4 "
        + "0-4:2 3-7:2 8-12:2 11-15:2 1-5:1 2-6:1 4-6:1 5-6:1 5-7:1 9-13:1 10-14:1 12-14:1 13-14:1 13-15:1 "
        + "0-8:1 1-9:1 1-10:1 2-9:1 2-10:1 3-11:1";

    public override string Name => "mi250";

    public override string Description => "boxes of 8 AMD MI250, which are 16 GPUs, linked by xGMI; a network switch between boxes";

    public override IReadOnlyList<TopologyParameter> Parameters =>
    [
        GpuBox.Boxes, new(CommonParameters.BandwidthName, "50", "GB/s of one xGMI link and direction"),
        new("nic", "16", "GB/s of a GPU to the network and back"), CommonParameters.Latency,
    ];

    public override string Example => "mi250:boxes=2";

    internal override LinkGraph Create(TopologyArguments arguments)
    {
        int boxes = arguments.Integer(GpuBox.Boxes.Name, 1, 4096);
        Rational xgmi = arguments.Bandwidth(), network = arguments.Bandwidth("nic");
        double latency = arguments.LatencySeconds();
        var graph = new GraphAssembly();
        int between = boxes == 1 ? -1 : graph.Add(NodeKind.Switch, "network", -1);
        for (int box = 0; box < boxes; box++)
        {
            int[] gpus = [.. Enumerable.Range(0, Gpus).Select(gpu => graph.Add(NodeKind.Rank, GpuBox.Named(boxes, box, $"gpu{gpu}"), box))];
            GpuBox.ConnectPairs(graph, gpus, Pairs, xgmi, "xGMI x#", latency);
            foreach (int gpu in boxes == 1 ? [] : gpus)
                graph.Connect(gpu, between, network, "network", latency);
        }

        return graph.ToGraph(arguments.Specification);
    }
}

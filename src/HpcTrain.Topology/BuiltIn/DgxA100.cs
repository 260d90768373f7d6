namespace HpcTrain.Topology;

/// <summary>
/// NVIDIA's DGX A100: eight GPUs with twelve NVLinks each to the NVSwitches, which count as one. Several boxes are joined by one NIC per GPU; NICs of GPUs of
/// even number meet in one InfiniBand switch and those of odd number in another, as rails of a cluster do.
/// </summary>
internal sealed class DgxA100 : BuiltInTopology
{
    private const int Gpus = 8, Rails = 2;

    public override string Name => "dgx-a100";

    public override string Description => "NVIDIA DGX A100 boxes: 8 GPUs on an NVSwitch each, and a NIC per GPU between boxes";

    public override IReadOnlyList<TopologyParameter> Parameters =>
    [
        GpuBox.Boxes, new(CommonParameters.BandwidthName, "300", "GB/s of a GPU to the NVSwitch and back"),
        new("nic", "25", "GB/s of a NIC and direction"), CommonParameters.Latency,
    ];

    public override string Example => "dgx-a100:boxes=2";

    internal override LinkGraph Create(TopologyArguments arguments)
    {
        int boxes = arguments.Integer(GpuBox.Boxes.Name, 1, 4096);
        Rational nvLink = arguments.Bandwidth(), network = arguments.Bandwidth("nic");
        double latency = arguments.LatencySeconds();
        var graph = new GraphAssembly();
        int[] rails = boxes == 1 ? [] : [.. Enumerable.Range(0, Rails).Select(rail => graph.Add(NodeKind.Switch, $"ib{rail}", -1))];
        for (int box = 0; box < boxes; box++)
        {
            int nvSwitch = graph.Add(NodeKind.Switch, GpuBox.Named(boxes, box, "nvswitch"), box);
            for (int i = 0; i < Gpus; i++)
            {
                int gpu = graph.Add(NodeKind.Rank, GpuBox.Named(boxes, box, $"gpu{i}"), box);
                graph.Connect(gpu, nvSwitch, nvLink, "NV12", latency);
                if (boxes == 1)
                    continue;
                int nic = graph.Add(NodeKind.Nic, GpuBox.Named(boxes, box, $"nic{i}"), box);
                graph.Connect(gpu, nic, network, "PCIe", latency);
                graph.Connect(nic, rails[i % Rails], network, "network", latency);
            }
        }

        return graph.ToGraph(arguments.Specification);
    }
}

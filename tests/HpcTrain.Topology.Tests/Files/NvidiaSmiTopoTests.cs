namespace HpcTrain.Topology.Tests.Files;

/// <summary>The table of <c>nvidia-smi topo -m</c>, as it should be and as it is found.</summary>
[TestFixture]
public sealed class NvidiaSmiTopoTests
{
    // Two sockets; on each, two GPUs and a NIC under one PCIe switch, and NVLinks between all GPUs but one pair.
    internal const string Clean = """
        	GPU0	GPU1	GPU2	GPU3	mlx5_0	mlx5_1	CPU Affinity	NUMA Affinity
        GPU0	 X 	NV2	NV1	SYS	PIX	SYS	0-19,40-59	0
        GPU1	NV2	 X 	NV1	NV1	PIX	SYS	0-19,40-59	0
        GPU2	NV1	NV1	 X 	NV2	SYS	PIX	20-39,60-79	1
        GPU3	SYS	NV1	NV2	 X 	SYS	PIX	20-39,60-79	1
        mlx5_0	PIX	PIX	SYS	SYS	 X 	SYS		
        mlx5_1	SYS	SYS	PIX	PIX	SYS	 X 		

        Legend:

          X    = Self
          SYS  = Connection traversing PCIe as well as the SMP interconnect between NUMA nodes (e.g., QPI/UPI)
          NV#  = Connection traversing a bonded set of # NVLinks

        """;

    private static readonly string[] s_cleanPairs =
    [
        "gpu0-gpu1 50 NV2", "gpu0-gpu2 25 NV1", "gpu0-pcie0 1024/65 PCIe 3 x16", "gpu1-gpu2 25 NV1", "gpu1-gpu3 25 NV1", "gpu1-pcie0 1024/65 PCIe 3 x16",
        "gpu2-gpu3 50 NV2", "gpu2-pcie1 1024/65 PCIe 3 x16", "gpu3-pcie1 1024/65 PCIe 3 x16", "mlx5_0-pcie0 1024/65 PCIe 3 x16", "mlx5_1-pcie1 1024/65 PCIe 3 x16",
        "pcie0-host0 1024/65 PCIe 3 x16", "pcie1-host1 1024/65 PCIe 3 x16", "host0-host1 10 SMP",
    ];

    [Test]
    public void A_table_gives_NVLinks_and_the_tree_of_PCIe()
    {
        LinkGraph graph = Read(Clean);
        Assert.That(GraphFacts.Names(graph, NodeKind.Rank), Is.EqualTo(["gpu0", "gpu1", "gpu2", "gpu3"]));
        Assert.That(GraphFacts.Names(graph, NodeKind.Nic), Is.EqualTo(["mlx5_0", "mlx5_1"]));
        Assert.That(GraphFacts.Pairs(graph), Is.EqualTo(s_cleanPairs));
    }

    // Each is what some driver or some terminal does to the table.
    [TestCase("\t", "    ", TestName = "Spaces_for_tabs")]
    [TestCase("\n", "\r\n", TestName = "Lines_of_Windows")]
    [TestCase("SYS", "SOC", TestName = "The_label_of_old_drivers")]
    [TestCase("\tGPU0\tGPU1\tGPU2\tGPU3\tmlx5_0", "\t    GPU0GPU1GPU2GPU3mlx5_0", TestName = "A_header_that_runs_together")]
    [TestCase("\tGPU0\tGPU1\tGPU2\tGPU3\tmlx5_0\tmlx5_1\tCPU Affinity\tNUMA Affinity\n", "", TestName = "No_header")]
    [TestCase("\tGPU0\tGPU1", "\u001b[4m\tGPU0\tGPU1\u001b[0m", TestName = "Terminal_colours_in_the_header")]
    [TestCase("GPU1\tNV2", "\u001b[1mGPU1\u001b[0m\t\u001b[32mNV2\u001b[0m", TestName = "Terminal_colours_in_a_row")]
    [TestCase("mlx5_1\tSYS\tSYS\tPIX\tPIX\tSYS\t X \t\t\n", "", TestName = "A_NIC_without_a_row")]
    [TestCase("mlx5_1\tSYS", "some line between\nmlx5_1\tSYS", TestName = "Other_lines")]
    [TestCase("0-19,40-59", "N/A", TestName = "No_affinity")]
    public void What_is_broken_is_read_all_the_same(string good, string bad)
    {
        string text = Clean.Replace(good, bad, StringComparison.Ordinal);
        Assert.That(text, Is.Not.EqualTo(Clean));
        Assert.That(GraphFacts.Pairs(Read(text)), Is.EqualTo(s_cleanPairs));
    }

    [Test]
    public void A_NIC_without_a_row_or_a_header_has_a_number() =>
        Assert.That(GraphFacts.Names(Read("GPU0 X PHB\n"), NodeKind.Nic), Is.EqualTo(["column1"]));

    [Test]
    public void The_legend_of_NICs_names_them()
    {
        LinkGraph graph = Read("  GPU0 NIC0 CPU Affinity\nGPU0 X PIX 0-7\nNIC0 PIX X\n\nNIC Legend:\n\n  NIC0: mlx5_bond_0\n");
        Assert.That(GraphFacts.Pairs(graph), Is.EqualTo(["gpu0-pcie0 1024/65 PCIe 3 x16", "mlx5_bond_0-pcie0 1024/65 PCIe 3 x16", "pcie0-host0 1024/65 PCIe 3 x16"]));
    }

    [Test]
    public void Labels_are_levels_of_one_tree()
    {
        LinkGraph graph = Read("""
            GPU0 X PIX PXB PHB NODE SYS
            GPU1 PIX X PXB PHB NODE SYS
            GPU2 PXB PXB X PHB NODE SYS
            GPU3 PHB PHB PHB X NODE SYS
            GPU4 NODE NODE NODE NODE X SYS
            GPU5 SYS SYS SYS SYS SYS X
            """);
        Assert.That(GraphFacts.Pairs(graph).Select(pair => pair.Split(' ')[0]), Is.EqualTo(
            ["gpu0-pcie0", "gpu1-pcie0", "gpu2-pcie-tree0", "gpu3-host0", "gpu4-host0", "gpu5-host1", "pcie0-pcie-tree0", "pcie-tree0-host0", "host0-host1"]));
    }

    [Test]
    public void Where_a_GPU_would_need_more_NVLinks_than_it_has_they_go_to_a_switch()
    {
        string Table(int gpus, string cell) => string.Join('\n', Enumerable.Range(0, gpus).Select(row =>
            $"GPU{row} {string.Join(' ', Enumerable.Range(0, gpus).Select(column => row == column ? "X" : cell))} 0-63"));
        LinkGraph a100 = Read(Table(8, "NV12"));
        Assert.That(GraphFacts.Pairs(a100).Where(pair => pair.Contains("NV", StringComparison.Ordinal)), Is.EqualTo(Enumerable.Range(0, 8).Select(gpu => $"gpu{gpu}-nvswitch 300 NV12")));
        Assert.That(GraphFacts.Names(a100, NodeKind.Host), Has.Length.EqualTo(1), "equal affinity");
        Assert.That(GraphFacts.Names(Read(Table(16, "NV6")), NodeKind.Switch), Is.EqualTo(["nvswitch"]));
        Assert.That(GraphFacts.Names(Read(Table(4, "NV4")), NodeKind.Switch), Is.Empty, "12 links each, as an A100 has");
        Assert.That(GraphFacts.Names(Read(Table(2, "NV18")), NodeKind.Switch), Is.Empty);
    }

    [Test]
    public void Labels_count_more_than_a_wrong_affinity()
    {
        // GPUs of two sockets, for which a container shows the same cores.
        LinkGraph graph = Read("GPU0 X NV1 PIX SYS 1-1\nGPU1 NV1 X SYS PIX 1-1\nmlx5_0 PIX SYS X SYS\nmlx5_1 SYS PIX SYS X\n");
        Assert.That(GraphFacts.Names(graph, NodeKind.Host), Has.Length.EqualTo(2));
    }

    [TestCase("nothing here", "t.txt, line 1: No row of a GPU is found; a table of nvidia-smi topo -m is expected, with rows such as 'GPU0  X  NV2  SYS'.")]
    [TestCase("mlx5_0 X", "t.txt, line 1: There is no row of a GPU.")]
    [TestCase("\nGPU0 X NV1\nGPU1 NV1", "t.txt, line 3: The row of GPU1 has no X, which marks its own column.")]
    [TestCase("GPU0 X NV1\nGPU1 NV1 Y", "t.txt, line 2: The row of GPU1 has no X, which marks its own column, before 'Y'; cells are X, NV#, PIX, PXB, PHB, NODE, SYS or SOC.")]
    [TestCase("  GPU0 GPU1\nGPU0 X QQQ\nGPU1 QQQ X", "t.txt, line 3: The row of GPU1 has 'QQQ' for a cell; cells are X, NV#, PIX, PXB, PHB, NODE, SYS or SOC.")]
    [TestCase("GPU0 X NVX\nGPU1 NVX X", "t.txt, line 2: The row of GPU1 has 'NVX' for a cell; cells are X, NV#, PIX, PXB, PHB, NODE, SYS or SOC.")]
    [TestCase("GPU0 X NV1\nGPU1 NV1 X SYS", "t.txt, line 2: The row of GPU1 has 3 cells, but that of GPU0 has 2.")]
    [TestCase("GPU0 X NVX\nGPU1 NV1 X", "t.txt, line 2: The row of GPU1 has 2 cells, but that of GPU0 has 1.")]
    [TestCase("GPU0 X NV1\nGPU1 X NV1", "t.txt, line 2: The rows of GPU0 and GPU1 have their X in the same column.")]
    [TestCase("GPU0 X NV1\nGPU0 NV1 X", "t.txt, line 2: There is a second row of GPU0; the first is in line 1.")]
    [TestCase("GPU0 X X\nGPU1 NV1 X", "t.txt, line 1: The row of GPU0 has more than one X.")]
    [TestCase("GPU0 X NV1\nGPU1 NV2 X", "t.txt, line 1: GPU0 is connected to GPU1 by NV1, but line 2 says NV2.")]
    [TestCase("  GPU0 GPU1\nGPU0 X NV1", "t.txt, line 2: There is no row of GPU1, which the header names.")]
    public void A_table_that_contradicts_itself_is_refused(string text, string message) =>
        Assert.That(() => Read(text), Throws.TypeOf<TopologyException>().With.Message.EqualTo(message));

    private static LinkGraph Read(string text) => NvidiaSmiTopoReader.Read(text, "t.txt");
}

namespace HpcTrain.Topology.Tests.Files;

/// <summary>Topology files of NCCL and RCCL.</summary>
[TestFixture]
public sealed class NcclTopoXmlTests
{
    // Two sockets; GPUs behind a switch with a NIC on the first, directly at the processor on the second. A bridge with a disk, a port that nobody uses.
    internal const string Dump = """
        <system version="1">
          <cpu numaid="0" affinity="000000ff" arch="x86_64" vendor="GenuineIntel" familyid="6" modelid="85">
            <pci busid="0000:10:00.0" class="0x060400" link_speed="8 GT/s" link_width="16">
              <pci busid="0000:1A:00.0" class="0x030200" link_speed="8.0 GT/s PCIe" link_width="16">
                <gpu dev="1" sm="70" rank="1" gdr="1">
                  <nvlink target="0000:1b:00.0" count="2" tclass="0x030200"/>
                  <nvlink target="0000:3b:00.0" count="1" tclass="0x030200"/>
                  <nvlink target="0000:99:00.0" count="1" tclass="0x030200"/>
                </gpu>
              </pci>
              <pci busid="0000:1b:00.0" class="0x030200" link_speed="8.0 GT/s PCIe" link_width="8">
                <gpu dev="0" sm="70" rank="0" gdr="1">
                  <nvlink target="0000:1a:00.0" count="2" tclass="0x030200"/>
                </gpu>
              </pci>
              <pci busid="0000:1c:00.0" class="0x020700" link_speed="8.0 GT/s PCIe" link_width="16">
                <nic>
                  <net name="mlx5_0" dev="0" speed="100000" port="1" guid="0x1" maxconn="262144" gdr="1"/>
                  <net name="mlx5_9" speed="100000"/>
                </nic>
              </pci>
            </pci>
            <pci busid="0000:20:00.0" class="0x060400" link_speed="8 GT/s" link_width="4">
              <pci busid="0000:21:00.0" class="0x010802" link_speed="8 GT/s" link_width="4"/>
            </pci>
            <nic>
              <net name="eth0" dev="1" speed="-1" port="0"/>
            </nic>
          </cpu>
          <cpu numaid="1" affinity="0000ff00" arch="x86_64" vendor="GenuineIntel" familyid="6" modelid="85">
            <pci busid="0000:3b:00.0" class="0x030200" link_speed="" link_width="0">
              <gpu dev="2" sm="70" rank="2" gdr="1"/>
            </pci>
          </cpu>
        </system>
        """;

    // Every change to the file, and the error that follows.
    private static readonly string[][] s_mistakes =
    [
        ["<system version=\"1\">", "<graphs version=\"1\"></graphs><system>", "n.xml, line 1: This is not well-formed XML: There are multiple root elements"],
        ["busid=\"0000:10:00.0\"", "bus=\"0000:10:00.0\"", "n.xml, line 3: <pci> needs the attribute busid."],
        ["busid=\"0000:10:00.0\"", "busid=\"10:00.0\"", "n.xml, line 3: busid=\"10:00.0\" of <pci> is not a PCI address such as 0000:1d:00.0."],
        ["link_speed=\"8 GT/s\"", "link_speed=\"fast\"", "n.xml, line 3: link_speed=\"fast\" of <pci> is not a speed such as \"16 GT/s\"."],
        ["link_speed=\"8 GT/s\"", "link_speed=\"9 GT/s\"", "n.xml, line 3: link_speed=\"9 GT/s\" of <pci> is not one of PCIe, which are 2.5, 5, 8, 16, 32, 64, 128 GT/s."],
        ["link_width=\"16\"", "link_width=\"x16\"", "n.xml, line 3: link_width=\"x16\" of <pci> is not a whole number."],
        ["link_width=\"16\"", "link_width=\"-1\"", "n.xml, line 3: link_width=\"-1\" of <pci> is not a number of lanes."],
        ["count=\"2\"", "count=\"0\"", "n.xml, line 6: count=\"0\" of <nvlink> needs to be at least 1."],
        ["count=\"2\"", "", "n.xml, line 6: <nvlink> needs the attribute count."],
        ["target=\"0000:1b:00.0\"", "target=\"gpu0\"", "n.xml, line 6: target=\"gpu0\" of <nvlink> is not a PCI address such as 0000:1d:00.0."],
        ["sm=\"70\"", "sm=\"7.0\"", "n.xml, line 5: sm=\"7.0\" of <gpu> is not a whole number."],
        ["rank=\"1\"", "rank=\"one\"", "n.xml, line 5: rank=\"one\" of <gpu> is not a whole number."],
        ["speed=\"100000\" port", "speed=\"fast\" port", "n.xml, line 18: speed=\"fast\" of <net> is not a whole number."],
        ["numaid=\"0\" ", "", "n.xml, line 2: <cpu> needs the attribute numaid."],
        ["numaid=\"0\"", "numaid=\"1\"", "n.xml, line 30: There is another <cpu> with numaid=\"1\"; those of other hosts have another host_hash."],
        ["busid=\"0000:1b:00.0\"", "busid=\"0000:1a:00.0\"", "n.xml, line 11: There is another <pci> with busid=\"0000:1a:00.0\" in line 4."],
        ["familyid=\"6\"", "familyid=\"six\"", "n.xml, line 2: familyid=\"six\" of <cpu> is not a whole number."],
    ];

    private static IEnumerable<TestCaseData> Mistakes => s_mistakes.Select(mistake => new TestCaseData(mistake[0], mistake[1], mistake[2]).SetArgDisplayNames(mistake[0], mistake[1]));

    [Test]
    public void A_dump_gives_GPUs_by_rank_with_all_that_joins_them()
    {
        LinkGraph graph = Read(Dump);
        Assert.That(GraphFacts.Names(graph, NodeKind.Rank), Is.EqualTo(["gpu0", "gpu1", "gpu2"]));
        Assert.That(GraphFacts.Pairs(graph), Is.EqualTo(
        [
            "gpu0-gpu1 50 NV2", "gpu0-pci 0000:10:00.0 512/65 PCIe 3 x8", "gpu1-gpu2 25 NV1", "gpu1-pci 0000:10:00.0 1024/65 PCIe 3 x16",
            "gpu2-numa1 1024/65 PCIe 3 x16", "mlx5_0-pci 0000:10:00.0 25/2 PCIe 3 x16", "eth0-numa0 5/4 network", "pci 0000:10:00.0-numa0 1024/65 PCIe 3 x16", "numa0-numa1 10 SMP",
        ]));
    }

    [Test]
    public void A_file_of_a_cloud_has_its_devices_by_class()
    {
        LinkGraph graph = Read("""
            <!-- Two GPUs and a NIC behind a switch that virtual machines are shown. -->
            <system version="1">
              <cpu numaid="0" affinity="ff" arch="x86_64" vendor="AuthenticAMD" familyid="23" modelid="49">
                <pci busid="ffff:ff:01.0" class="0x060400" link_speed="16 GT/s" link_width="16">
                  <pci busid="0001:00:00.0" class="0x030200" link_speed="16 GT/s" link_width="16"/>
                  <pci busid="0101:00:00.0" class="0x020700" link_speed="16 GT/s" link_width="16"/>
                  <pci busid="0002:00:00.0" class="0x030200" link_speed="16 GT/s" link_width="16"/>
                </pci>
              </cpu>
              <cpu numaid="1" affinity="ff00" arch="x86_64" vendor="AuthenticAMD" familyid="23" modelid="49"/>
            </system>
            """);
        Assert.That(GraphFacts.Pairs(graph), Is.EqualTo(
        [
            "gpu0-pci ffff:ff:01.0 2048/65 PCIe 4 x16", "gpu1-pci ffff:ff:01.0 2048/65 PCIe 4 x16", "nic0-pci ffff:ff:01.0 2048/65 PCIe 4 x16",
            "pci ffff:ff:01.0-numa0 2048/65 PCIe 4 x16", "numa0-numa1 16 SMP",
        ]));
    }

    [TestCase("sm=\"60\"", "20")]
    [TestCase("sm=\"70\"", "25")]
    [TestCase("sm=\"80\"", "25")]
    [TestCase("sm=\"86\"", "225/16")]
    [TestCase("sm=\"90\"", "25")]
    [TestCase("sm=\"100\"", "50")]
    public void An_NVLink_has_the_rate_of_its_generation(string gpu, string rate) =>
        Assert.That(Gpus(gpu, "nvlink", "0x030200").LinkBetween(0, 1)!.Bandwidth.ToString(), Is.EqualTo(rate));

    [TestCase("gcn=\"906\"", "46")]
    [TestCase("gcn=\"908\"", "46")]
    [TestCase("gcn=\"910\"", "50")]
    [TestCase("gcn=\"gfx90a:sramecc+:xnack-\"", "50")]
    [TestCase("gcn=\"gfx942\"", "64")]
    [TestCase("gcn=\"950\"", "384/5")]
    public void An_xGMI_link_has_the_rate_of_its_generation(string gpu, string rate)
    {
        Link link = Gpus(gpu, "xgmi", "0x120000").LinkBetween(0, 1)!;
        Assert.That((link.Bandwidth.ToString(), link.Name), Is.EqualTo((rate, "xGMI x1")));
    }

    [TestCase("x86_64", "GenuineIntel", 6, 79, 6)]
    [TestCase("x86_64", "GenuineIntel", 6, 85, 10)]
    [TestCase("x86_64", "GenuineIntel", 6, 143, 22)]
    [TestCase("x86_64", "GenuineIntel", 6, 207, 40)]
    [TestCase("x86_64", "AuthenticAMD", 143, 49, 16)]
    [TestCase("x86_64", "AuthenticAMD", 25, 1, 24)]
    [TestCase("x86_64", "AuthenticAMD", 26, 2, 32)]
    [TestCase("x86_64", "Somebody", 1, 1, 10)]
    [TestCase("arm64", "", 0, 0, 6)]
    [TestCase("ppc64", "", 0, 0, 32)]
    public void Processors_are_joined_as_NCCL_reckons(string arch, string vendor, int family, int model, int rate)
    {
        string cpu = $"arch=\"{arch}\" vendor=\"{vendor}\" familyid=\"{family}\" modelid=\"{model}\"";
        LinkGraph graph = Read($"<system><cpu numaid=\"0\" {cpu}><pci busid=\"0:1:0.0\" class=\"0x030200\"/></cpu><cpu numaid=\"1\" {cpu}/></system>");
        Assert.That(graph.LinkBetween(graph.Find("numa0"), graph.Find("numa1"))!.Bandwidth, Is.EqualTo((Rational)rate));
    }

    [Test]
    public void Links_to_NVSwitches_go_to_one_and_links_to_the_processor_to_it()
    {
        LinkGraph graph = Read("""
            <system version="1"><cpu numaid="0" arch="arm64">
              <pci busid="0000:01:00.0" class="0x030200" link_speed="32.0 GT/s PCIe" link_width="16">
                <gpu dev="0" sm="90" rank="0"><nvlink target="fffffff:ffff:ff" count="18" tclass="0x068000"/><c2c bw="44712" count="10"/></gpu>
              </pci>
              <pci busid="0000:02:00.0" class="0x030200" link_speed="32.0 GT/s PCIe" link_width="16">
                <gpu dev="1" sm="90" rank="1"><nvlink target="0000:03:00.0" count="9" tclass="0x068000"/><nvlink target="0000:04:00.0" count="9" tclass="0x068000"/></gpu>
              </pci>
              <pci busid="0000:05:00.0" class="0x030200" link_speed="32.0 GT/s PCIe" link_width="16">
                <gpu dev="2" sm="70" rank="2"><nvlink target="0000:06:00.0" count="3" tclass="0x068001"/></gpu>
              </pci>
            </cpu></system>
            """);
        Assert.That(GraphFacts.Pairs(graph), Is.EqualTo(
        [
            "gpu0-nvswitch 450 NV18", "gpu0-numa0 165794/325 PCIe 5 x16 + C2C", "gpu1-nvswitch 450 NV9", "gpu1-numa0 4096/65 PCIe 5 x16", "gpu2-numa0 8971/65 PCIe 5 x16 + NV3",
        ]));
    }

    [Test]
    public void Boxes_of_one_file_meet_in_the_network()
    {
        string Box(int box, string gpu) => $"""
            <cpu host_hash="0x{box}" numaid="0" arch="x86_64" vendor="AuthenticAMD" familyid="25" modelid="1">
              <pci busid="0000:01:00.0" class="0x030200" link_speed="16.0 GT/s PCIe" link_width="16"><gpu dev="0" sm="80" {gpu}/></pci>
              <pci busid="0000:02:00.0" class="0x020000" link_speed="16.0 GT/s PCIe" link_width="16"><nic><net name="mlx5_0" dev="0" speed="400000"/></nic></pci>
            </cpu>
            """;
        LinkGraph graph = Read($"<system>{Box(7, "rank=\"1\"")}{Box(8, "rank=\"0\"")}</system>");
        Assert.That(GraphFacts.Pairs(graph), Is.EqualTo(
        [
            "box1.gpu0-box1.numa0 2048/65 PCIe 4 x16", "box0.gpu0-box0.numa0 2048/65 PCIe 4 x16", "box0.mlx5_0-network 50 network", "box0.mlx5_0-box0.numa0 2048/65 PCIe 4 x16",
            "box1.mlx5_0-network 50 network", "box1.mlx5_0-box1.numa0 2048/65 PCIe 4 x16",
        ]));
        Assert.That(graph.Nodes.Select(node => node.Box), Is.EqualTo([1, 0, 0, 1, -1, 0, 1]));
    }

    [TestCaseSource(nameof(Mistakes))]
    public void A_mistake_is_refused_with_its_line(string good, string bad, string message)
    {
        int at = Dump.IndexOf(good, StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThanOrEqualTo(0));
        string damaged = Dump[..at] + bad + Dump[(at + good.Length)..];
        Assert.That(() => Read(damaged), Throws.TypeOf<TopologyException>().With.Message.StartsWith(message));
    }

    [TestCase("<system version=\"1\"/>", "n.xml, line 1: <cpu> is expected inside <system>.")]
    [TestCase("\n<system><cpu numaid=\"0\"/></system>", "n.xml, line 2: There is no GPU in <system>.")]
    [TestCase("<graphs version=\"1\"/>", "n.xml, line 1: <system> is expected, but <graphs> found; the topology is what NCCL_TOPO_DUMP_FILE names, not NCCL_GRAPH_DUMP_FILE.")]
    [TestCase("<topology/>", "n.xml, line 1: <system> of NCCL or <topology> of hwloc is expected, but <topology> found.")]
    public void Another_file_is_refused(string text, string message) => Assert.That(() => Read(text), Throws.TypeOf<TopologyException>().With.Message.EqualTo(message));

    [Test]
    public void Elements_without_end_are_refused() => Assert.That(() => Read(string.Concat(Enumerable.Repeat("<system>\n", 100_000))),
        Throws.TypeOf<TopologyException>().With.Message.EqualTo("n.xml, line 257: Elements are nested more than 256 deep."));

    [TestCase("\n\n<system>\n<cpu>\n</system>", 5)]
    [TestCase("<system>", 1)]
    [TestCase("<system version=1>", 1)]
    public void What_is_no_XML_is_refused_with_its_line(string text, int line) =>
        Assert.That(() => Read(text), Throws.TypeOf<TopologyException>().With.Message.StartsWith($"n.xml, line {line}: This is not well-formed XML: ").And.Message.EndsWith("."));

    private static LinkGraph Gpus(string gpu, string link, string pciClass) => Read($"""
        <system><cpu numaid="0">
          <pci busid="0000:01:00.0" class="{pciClass}"><gpu dev="0" {gpu}><{link} target="0000:02:00.0" count="1" tclass="{pciClass}"/></gpu></pci>
          <pci busid="0000:02:00.0" class="{pciClass}"><gpu dev="1" {gpu}><{link} target="0000:01:00.0" count="1" tclass="{pciClass}"/></gpu></pci>
        </cpu></system>
        """);

    private static LinkGraph Read(string text) => NcclTopoXmlReader.Read(text, "n.xml");
}

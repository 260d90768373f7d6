namespace HpcTrain.Topology.Tests.Files;

/// <summary>The XML of hwloc.</summary>
[TestFixture]
public sealed class HwlocXmlTests
{
    // Two packages with two GPUs each, the first pair behind a switch with a NIC; a graphics chip and a disk, which do not count.
    internal const string Machine = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE topology SYSTEM "hwloc2.dtd">
        <topology version="2.0">
          <object type="Machine" os_index="0" gp_index="1">
            <info name="Architecture" value="x86_64"/>
            <object type="Package" os_index="0" gp_index="2">
              <info name="CPUVendor" value="AuthenticAMD"/>
              <info name="CPUFamilyNumber" value="25"/>
              <info name="CPUModelNumber" value="1"/>
              <object type="NUMANode" os_index="0" gp_index="3"/>
              <object type="Bridge" gp_index="4" bridge_type="0-1" depth="0" bridge_pci="0000:[00-0a]">
                <object type="Bridge" gp_index="5" bridge_type="1-1" depth="1" bridge_pci="0000:[01-05]" pci_busid="0000:00:01.0" pci_type="0604 [1000:c010] [10de:13b8] b0" pci_link_speed="31.507692">
                  <object type="PCIDev" gp_index="6" pci_busid="0000:02:00.0" pci_type="0302 [10de:20b2] [10de:1463] a1" pci_link_speed="31.507692">
                    <object type="OSDev" gp_index="7" name="opencl0d1" subtype="OpenCL" osdev_type="5"/>
                    <object type="OSDev" gp_index="8" name="nvml1" subtype="NVML" osdev_type="1"/>
                  </object>
                  <object type="PCIDev" gp_index="9" pci_busid="0000:03:00.0" pci_type="0302 [10de:20b2] [10de:1463] a1" pci_link_speed="31.507692">
                    <object type="OSDev" gp_index="10" name="nvml0" subtype="NVML" osdev_type="1"/>
                  </object>
                  <object type="PCIDev" gp_index="11" pci_busid="0000:04:00.0" pci_type="0207 [15b3:101b] [15b3:0007] 00" pci_link_speed="31.507692">
                    <object type="OSDev" gp_index="12" name="ib0" osdev_type="2"/>
                    <object type="OSDev" gp_index="13" name="mlx5_0" osdev_type="3"/>
                  </object>
                </object>
                <object type="Bridge" gp_index="14" bridge_type="1-1" depth="1" bridge_pci="0000:[06-06]" pci_busid="0000:00:02.0" pci_type="0604 [1022:1483] [0000:0000] 00" pci_link_speed="3.938462">
                  <object type="PCIDev" gp_index="15" pci_busid="0000:06:00.0" pci_type="0108 [144d:a824] [144d:a801] 00" pci_link_speed="3.938462">
                    <object type="OSDev" gp_index="16" name="nvme0n1" osdev_type="0"/>
                  </object>
                </object>
                <object type="PCIDev" gp_index="17" pci_busid="0000:07:00.0" pci_type="0300 [1a03:2000] [1a03:2000] 41" pci_link_speed="0.000000">
                  <object type="OSDev" gp_index="18" name="card0" osdev_type="1"/>
                </object>
              </object>
            </object>
            <object type="Package" os_index="1" gp_index="19">
              <object type="Bridge" gp_index="20" bridge_type="0-1" depth="0" bridge_pci="0000:[80-82]">
                <object type="PCIDev" gp_index="21" pci_busid="0000:81:00.0" pci_type="0302 [10de:20b2] [10de:1463] a1" pci_link_speed="0.000000">
                  <object type="OSDev" gp_index="22" name="nvml2" subtype="NVML" osdev_type="1"/>
                </object>
                <object type="PCIDev" gp_index="23" pci_busid="0000:82:00.0" pci_type="0302 [10de:20b2] [10de:1463] a1" pci_link_speed="31.507692">
                  <object type="OSDev" gp_index="24" name="nvml3" subtype="NVML" osdev_type="1"/>
                </object>
              </object>
            </object>
          </object>
          <distances2 type="OSDev" nbobjs="3" kind="9" name="NVLinkBandwidth" indexing="gp">
            <indexes length="7">10 8 22 </indexes>
            <u64values length="20">1000000 50000 0 50000 1000000 </u64values>
            <u64values length="16">25000 0 25000 1000000 </u64values>
          </distances2>
          <support name="discovery.pu"/>
        </topology>
        """;

    private static readonly string[][] s_mistakes =
    [
        ["pci_busid=\"0000:00:01.0\"", "", "h.xml, line 12: <object> needs the attribute pci_busid."],
        ["pci_link_speed=\"31.507692\"", "pci_link_speed=\"fast\"", "h.xml, line 12: pci_link_speed=\"fast\" is not a number of GB/s."],
        ["pci_link_speed=\"31.507692\"", "pci_link_speed=\"-1\"", "h.xml, line 12: pci_link_speed=\"-1\" is not a number of GB/s."],
        ["pci_busid=\"0000:03:00.0\"", "pci_busid=\"0000:02:00.0\"", "h.xml, line 13: There are two devices 0000:02:00.0."],
        ["nbobjs=\"3\"", "nbobjs=\"2\"", "h.xml, line 46: 2 indexes and 4 values are expected in <distances2>, but 3 and 9 found."],
        ["nbobjs=\"3\"", "nbobjs=\"0\"", "h.xml, line 46: nbobjs=\"0\" of <distances2> needs to be at least 1."],
        ["1000000 50000 0", "1000000 fast 0", "h.xml, line 46: 'fast' in <distances2> is not a number of MB/s."],
        ["name=\"mlx5_0\"", "", "h.xml, line 22: <object> needs the attribute name."],
        ["</topology>", "</topologie>", "h.xml, line 52: This is not well-formed XML: The 'topology' start tag on line 3 position 2 does not match the end tag of 'topologie'."],
    ];

    private static IEnumerable<TestCaseData> Mistakes => s_mistakes.Select(mistake => new TestCaseData(mistake[0], mistake[1], mistake[2]).SetArgDisplayNames(mistake[0], mistake[1]));

    [Test]
    public void Devices_bridges_and_packages_are_read_and_what_joins_them()
    {
        LinkGraph graph = Read(Machine);
        const string Usual = "1024/65", Found = "7876923/250000";
        Assert.That(GraphFacts.Names(graph, NodeKind.Rank), Has.Length.EqualTo(4));
        Assert.That(GraphFacts.Pairs(graph), Is.EqualTo(
        [
            "gpu0-gpu1 50 NVLink", $"gpu0-pci 0000:00:01.0 {Found} PCIe", "gpu1-gpu2 25 NVLink", $"gpu1-pci 0000:00:01.0 {Found} PCIe", $"gpu2-package1 {Usual} PCIe",
            $"gpu3-package1 {Found} PCIe", $"mlx5_0-pci 0000:00:01.0 {Found} PCIe", $"pci 0000:00:01.0-package0 {Found} PCIe", "package0-package1 24 SMP",
        ]));
    }

    [Test]
    public void Ports_of_NVSwitches_are_one_switch()
    {
        LinkGraph graph = Read(Machine.Replace("<distances2 type=\"OSDev\" nbobjs=\"3\"", "<distances2hetero nbobjs=\"3\"", StringComparison.Ordinal)
            .Replace("</distances2>", "</distances2hetero>", StringComparison.Ordinal).Replace("10 8 22 ", "OSDev:10 PCIDev:90 PCIDev:91 ", StringComparison.Ordinal)
            .Replace("1000000 50000 0 50000 1000000 ", "1000000 150000 150000 150000 1000000 ", StringComparison.Ordinal)
            .Replace("25000 0 25000 1000000 ", "0 150000 0 1000000 ", StringComparison.Ordinal));
        Assert.That(GraphFacts.Pairs(graph).Where(pair => pair.Contains("nvswitch", StringComparison.Ordinal)), Is.EqualTo(["gpu0-nvswitch 300 NVLink"]));
    }

    [Test]
    public void GPUs_that_no_library_names_are_known_by_class_and_maker()
    {
        LinkGraph graph = Read(Machine.Replace("name=\"nvml", "name=\"card", StringComparison.Ordinal));
        Assert.That(graph.Ranks, Is.EqualTo(4), "without the graphics chip of the board");
        Assert.That(graph.LinkBetween(0, 1)!.Bandwidth, Is.EqualTo((Rational)50), "in the order of the file");
    }

    [Test]
    public void Bridges_at_the_machine_make_it_a_host()
    {
        LinkGraph graph = Read("""
            <topology>
              <object type="Machine" os_index="0">
                <object type="Bridge" os_index="0" bridge_type="0-1" depth="0" bridge_pci="0000:[00-02]">
                  <object type="PCIDev" os_index="4096" name="GPU" pci_busid="0000:01:00.0" pci_type="0302 [10de:1234] [10de:0000] a1" pci_link_speed="0.000000">
                    <object type="OSDev" name="cuda0" osdev_type="5"><info name="CoProcType" value="CUDA"/></object>
                  </object>
                </object>
              </object>
            </topology>
            """);
        Assert.That(GraphFacts.Pairs(graph), Is.EqualTo(["gpu0-machine0 1024/65 PCIe"]));
    }

    [TestCaseSource(nameof(Mistakes))]
    public void A_mistake_is_refused_with_its_line(string good, string bad, string message)
    {
        int at = Machine.IndexOf(good, StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThanOrEqualTo(0));
        Assert.That(() => Read(Machine[..at] + bad + Machine[(at + good.Length)..]), Throws.TypeOf<TopologyException>().With.Message.EqualTo(message));
    }

    [TestCase("<topology version=\"2.0\"><object type=\"Machine\"/></topology>",
        "h.xml, line 1: There is no GPU in <topology>; if the machine has some, run lstopo with --whole-io and the plugins of hwloc for its GPUs.")]
    [TestCase("<system/>", "h.xml, line 1: <topology> is expected, but <system> found.")]
    public void Another_file_is_refused(string text, string message) => Assert.That(() => Read(text), Throws.TypeOf<TopologyException>().With.Message.EqualTo(message));

    private static LinkGraph Read(string text) => HwlocXmlReader.Read(text, "h.xml");
}

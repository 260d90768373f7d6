namespace HpcTrain.Topology.Tests.Files;

/// <summary>What stands in a file tells its kind.</summary>
[TestFixture]
public sealed class TopologyFileTests
{
    private static readonly string[] s_fixtures =
        [LinkGraphJsonTests.Whole, NcclTopoXmlTests.Dump, HwlocXmlTests.Machine, NvidiaSmiTopoTests.Clean, SlurmTopologyTests.Tree];

    private static readonly object[] s_kinds =
    [
        new object[] { "{\"ranks\": 2, \"links\": []}", "rank0" },
        new object[] { "// two ranks\n{\"ranks\": 2, \"links\": []}", "rank0" },
        new object[] { "\n/* two ranks */ {\"ranks\": 2, \"links\": []}", "rank0" },
        new object[] { "<system version=\"1\"><cpu numaid=\"0\"><pci busid=\"0000:01:00.0\" class=\"0x030200\"/></cpu></system>", "gpu0" },
        new object[] { "<!-- of a cloud -->\n<system><cpu numaid=\"0\"><pci busid=\"0000:01:00.0\" class=\"0x030200\"/></cpu></system>", "gpu0" },
        new object[]
        {
            "<?xml version=\"1.0\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n<topology version=\"2.0\"><object type=\"Machine\"><object type=\"PCIDev\" pci_busid=\"0000:01:00.0\">"
                + "<object type=\"OSDev\" name=\"cuda0\"/></object></object></topology>",
            "gpu0",
        },
        new object[] { "\u001b[4m\tGPU0\u001b[0m\nGPU0\t X \n", "gpu0" },
        new object[] { "# comment\nSwitchName=leaf Nodes=n1\n", "n1" },
        new object[] { "PATH=/bin\nSLURM_TOPOLOGY_ADDR=leaf.n1\n", "n1" },
    ];

    [TestCaseSource(nameof(s_kinds))]
    public void A_file_is_recognised_by_what_stands_in_it(string text, string first)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            LinkGraph graph = TopologyFile.Load(path);
            Assert.That(graph.Name, Is.EqualTo(path));
            Assert.That(graph.Nodes[0].Name, Is.EqualTo(first));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestCase("", "t, line 1: The file is empty; expected is one of " + TopologyFile.Kinds + ".")]
    [TestCase("hello", "t, line 1: This is no topology that is known here; expected is one of " + TopologyFile.Kinds + ".")]
    [TestCase("<html/>", "t, line 1: <system> of NCCL or <topology> of hwloc is expected, but <html> found.")]
    [TestCase("[1]", "t, line 1: An object is expected.")]
    public void Another_file_is_refused(string text, string message) =>
        Assert.That(() => TopologyFile.Read(text, "t"), Throws.TypeOf<TopologyException>().With.Message.EqualTo(message));

    // Whatever happens to a file, it is read, or refused with a sentence; nothing else is thrown.
    [Test]
    public void A_damaged_file_is_read_or_refused([Range(0, 4)] int fixture)
    {
        for (int seed = 1; seed <= 400; seed++)
        {
            string text = Damaged(s_fixtures[fixture], new(seed));
            try
            {
                Assert.That(TopologyFile.Read(text, "t").Ranks, Is.Positive);
            }
            catch (TopologyException error)
            {
                Assert.That(error.Message, Does.EndWith(".").And.Match("^(t, line [1-9]|.*[Tt]opology 't')"), text);
            }
        }
    }

    [TestCase("/nowhere/topology.json")]
    [TestCase("/")]
    [TestCase("")]
    public void A_file_that_cannot_be_read_is_named(string path) =>
        Assert.That(() => TopologyFile.Load(path), Throws.TypeOf<TopologyException>().With.Message.StartsWith($"The topology file '{path}' cannot be read: "));

    // Something is missing, something is there twice, a letter is another, or the end is lost.
    private static string Damaged(string text, Random random)
    {
        for (int damage = random.Next(1, 4); damage > 0; damage--)
        {
            int at = random.Next(text.Length), length = random.Next(1, Math.Min(60, text.Length - at) + 1), from = random.Next(text.Length - length + 1);
            text = random.Next(10) switch
            {
                0 => text[..(at + 1)],
                < 4 => text.Remove(at, length),
                < 7 => text.Insert(at, text.Substring(from, length)),
                _ => string.Concat(text.AsSpan(0, at), "0-9\"<[X\0".AsSpan(random.Next(8), 1), text.AsSpan(at + 1)),
            };
            if (text.Length == 0)
                break;
        }

        return text;
    }
}

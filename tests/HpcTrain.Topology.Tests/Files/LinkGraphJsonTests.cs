using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Json.Schema;

namespace HpcTrain.Topology.Tests.Files;

/// <summary>Own JSON: what it says, what is refused, and the schema that describes it.</summary>
[TestFixture]
public sealed class LinkGraphJsonTests
{
    internal const string Whole = """
        {
          "$schema": "topology.schema.json",
          "name": "two boxes",
          // A comment, and commas that trail.
          "ranks": [{"name": "a", "box": 0}, "b", {"name": "c", "box": 1}],
          "nics": ["nic0", {"name": "nic1", "box": 1}],
          "switches": ["leaf", {"name": "nvswitch", "box": 0}],
          "hosts": ["numa0"],
          "links": [
            {"from": 0, "to": "b", "bandwidth": 25.0, "both": true, "name": "NV1"},
            {"from": "a", "to": "nvswitch", "bandwidth": "24/7", "latency_us": 1.5},
            {"from": 2, "to": 0, "bandwidth": 0.1, "both": false},
            {"from": "leaf", "to": "nic1", "bandwidth": 2.5e1},
          ],
        }
        """;

    // What is changed in the file, into what, the error that follows, and whether the schema can tell.
    private static readonly object[][] s_mistakes =
    [
        ["\"ranks\": [", "\"rank\": [", "f.json, line 5: 'rank' is not known; the names here are $schema, name, ranks, nics, switches, hosts, nodes, links.", true],
        ["\"ranks\": [{\"name\": \"a\", \"box\": 0}, \"b\", {\"name\": \"c\", \"box\": 1}],", "", "f.json, line 1: 'ranks' is missing.", true],
        ["[{\"name\": \"a\", \"box\": 0}, \"b\", {\"name\": \"c\", \"box\": 1}]", "0", "f.json, line 5: 0 ranks are not possible; 1 to 1048576 are.", true],
        ["[{\"name\": \"a\", \"box\": 0}, \"b\", {\"name\": \"c\", \"box\": 1}]", "2.5", "f.json, line 5: A whole number is expected.", true],
        ["[{\"name\": \"a\", \"box\": 0}, \"b\", {\"name\": \"c\", \"box\": 1}]", "\"3\"", "f.json, line 5: A number of ranks or an array of them is expected.", true],
        ["[{\"name\": \"a\", \"box\": 0}, \"b\", {\"name\": \"c\", \"box\": 1}]", "[]", "f.json, line 5: At least one rank is needed.", true],
        ["\"box\": 0}", "\"boxes\": 0}", "f.json, line 5: 'boxes' is not known; the names here are name, box.", true],
        ["\"box\": 0}", "\"box\": -2}", "f.json, line 5: A box is numbered from 0; -1 is outside of boxes.", true],
        ["\"b\", {\"name\": \"c\"", "\"a\", {\"name\": \"c\"", "f.json, line 5: There are two nodes of the name 'a'.", false],
        ["\"nic0\"", "7", "f.json, line 6: An object is expected.", true],
        ["\"hosts\": [\"numa0\"]", "\"hosts\": \"numa0\"", "f.json, line 8: An array is expected.", true],
        ["\"hosts\": [\"numa0\"]", "\"nodes\": [{\"name\": \"x\", \"kind\": \"gpu\"}]", "f.json, line 8: 'gpu' is not one of nic, switch, host.", true],
        ["\"hosts\": [\"numa0\"]", "\"nodes\": [{\"name\": \"x\"}]", "f.json, line 8: 'kind' is missing.", true],
        ["\"hosts\": [\"numa0\"]", "\"nics\": []", "f.json, line 8: 'nics' is given twice.", false],
        ["\"bandwidth\": 25.0", "\"bandwith\": 25.0", "f.json, line 10: 'bandwith' is not known; the names here are from, to, bandwidth, both, latency_us, name.", true],
        ["\"bandwidth\": 25.0, ", "", "f.json, line 10: 'bandwidth' is missing.", true],
        ["\"bandwidth\": 25.0", "\"bandwidth\": 0", "f.json, line 10: A bandwidth of 0 GB/s is not possible; it needs to be more than 0.", true],
        ["\"bandwidth\": 25.0", "\"bandwidth\": -2.5", "f.json, line 10: A bandwidth of -2.5 GB/s is not possible; it needs to be more than 0.", true],
        ["\"bandwidth\": 25.0", "\"bandwidth\": \"fast\"", "f.json, line 10: A bandwidth is expected, in GB/s: 25.5, or a fraction as text, \"24/7\".", true],
        ["\"bandwidth\": 25.0", "\"bandwidth\": \"1/0\"", "f.json, line 10: A bandwidth is expected, in GB/s: 25.5, or a fraction as text, \"24/7\".", false],
        ["\"bandwidth\": 25.0", "\"bandwidth\": null", "f.json, line 10: A bandwidth is expected, in GB/s: 25.5, or a fraction as text, \"24/7\".", true],
        ["\"from\": 0", "\"from\": 3", "f.json, line 10: There is no rank 3; ranks are numbered from 0 to 2.", false],
        ["\"from\": 0", "\"from\": -1", "f.json, line 10: There is no rank -1; ranks are numbered from 0 to 2.", true],
        ["\"from\": 0", "\"from\": true", "f.json, line 10: The number of a rank or the name of a node is expected.", true],
        ["\"from\": 0", "\"from\": \"d\"", "f.json, line 10: There is no node 'd'.", false],
        ["\"from\": 0", "\"from\": \"b\"", "f.json, line 10: The link from b to itself is not possible; a link joins two nodes.", false],
        ["\"to\": \"nvswitch\"", "\"to\": 1", "f.json, line 11: There is another link from a to b; add up their bandwidths in one.", false],
        ["\"both\": true", "\"both\": 1", "f.json, line 10: true or false is expected.", true],
        ["\"both\": false", "\"both\": true, \"to\": 1", "f.json, line 12: 'to' is given twice.", false],
        ["\"latency_us\": 1.5", "\"latency_us\": -1.5", "f.json, line 11: A latency of -1.5 us is not possible; it needs to be 0 or more.", true],
        ["\"latency_us\": 1.5", "\"latency_us\": \"1.5\"", "f.json, line 11: A number of microseconds is expected.", true],
        ["\"latency_us\": 1.5", "\"latency_us\": 1e400", "f.json, line 11: A latency of 1e400 us is not possible; it needs to be 0 or more.", false],
        ["\"name\": \"NV1\"", "\"name\": 1", "f.json, line 10: A text is expected.", true],
        ["\"name\": \"two boxes\"", "\"name\": 2", "f.json, line 3: A text is expected.", true],
    ];

    private static IEnumerable<TestCaseData> Mistakes => s_mistakes.Select(mistake => new TestCaseData(mistake).SetArgDisplayNames($"{mistake[0]}", $"{mistake[1]}"));

    [Test]
    public void The_least_file_is_read()
    {
        LinkGraph graph = LinkGraphJson.Read("""{"ranks": 3, "links": [{"from": 0, "to": 1, "bandwidth": 25.0, "both": true}, {"from": 2, "to": 0, "bandwidth": 12}]}""", "f.json");
        Assert.That(graph.Name, Is.EqualTo("f.json"));
        Assert.That(GraphFacts.Names(graph, NodeKind.Rank), Is.EqualTo(["rank0", "rank1", "rank2"]));
        Assert.That(graph.Links, Is.EqualTo([new Link(0, 1, 25), new Link(1, 0, 25), new Link(2, 0, 12)]));
    }

    [Test]
    public void A_file_with_everything_is_read()
    {
        LinkGraph graph = LinkGraphJson.Read(Whole, "f.json");
        Assert.That(graph.Name, Is.EqualTo("two boxes"));
        Assert.That(graph.Nodes, Is.EqualTo(
        [
            new LinkNode(NodeKind.Rank, "a"), new LinkNode(NodeKind.Rank, "b"), new LinkNode(NodeKind.Rank, "c", 1), new LinkNode(NodeKind.Nic, "nic0"),
            new LinkNode(NodeKind.Nic, "nic1", 1), new LinkNode(NodeKind.Switch, "leaf", -1), new LinkNode(NodeKind.Switch, "nvswitch"), new LinkNode(NodeKind.Host, "numa0"),
        ]));
        Assert.That(graph.Links, Is.EqualTo(
        [
            new Link(0, 1, 25, 0, "NV1"), new Link(0, 6, new Rational(24, 7), 1.5e-6), new Link(1, 0, 25, 0, "NV1"), new Link(2, 0, new Rational(1, 10)), new Link(5, 4, 25),
        ]));
    }

    [Test]
    public void What_is_written_reads_back_the_same()
    {
        NodeKind[] transit = [NodeKind.Nic, NodeKind.Switch, NodeKind.Host];
        Arbitrary<int> seeds = ArbMap.Default.ArbFor<int>();
        Prop.ForAll(seeds, seed =>
        {
            var random = new Random(seed);
            int ranks = random.Next(1, 5), count = ranks + random.Next(6);
            LinkNode[] nodes = [.. Enumerable.Range(0, count).Select(node =>
                new LinkNode(node < ranks ? NodeKind.Rank : transit[random.Next(3)], random.Next(2) == 0 ? $"rank{node}" : $"\"ü{node}\n", random.Next(-1, 3)))];
            IEnumerable<Link> links =
                from a in Enumerable.Range(0, count)
                from b in Enumerable.Range(0, count)
                where a != b && random.Next(3) > 0
                select new Link(a, b, new Rational(random.Next(1, 30), random.Next(1, 9)), random.Next(2) * BitConverter.Int64BitsToDouble(random.NextInt64(1L << 62)), random.Next(2) == 0 ? "" : "NV1");
            var graph = new LinkGraph("a \\ b", nodes, links);
            string json = LinkGraphJson.Write(graph);
            GraphFacts.AssertSame(LinkGraphJson.Read(json, "f.json"), graph);
            Assert.That(SchemaAccepts(json), Is.True, json);
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Every_built_in_topology_reads_back_the_same([Values("dgx1v", "dgx-a100:boxes=2", "mi250:boxes=2", "ring", "fat-tree", "dragonfly:latency_us=0.3")] string name)
    {
        LinkGraph graph = BuiltInTopologies.Create(name);
        GraphFacts.AssertSame(LinkGraphJson.Read(LinkGraphJson.Write(graph), "f.json"), graph);
    }

    [Test]
    public void A_file_is_written_for_people()
    {
        var graph = new LinkGraph("pair", [new(NodeKind.Rank, "rank0"), new(NodeKind.Rank, "rank1"), new(NodeKind.Switch, "leaf", -1), new(NodeKind.Switch, "pcie")],
            [new(0, 1, new(51, 2), 1.5e-6, "NV1"), new(1, 0, new(51, 2), 1.5e-6, "NV1"), new(0, 2, new(1, 3))]);
        Assert.That(LinkGraphJson.Write(graph), Is.EqualTo("""
            {
              "name": "pair",
              "ranks": 2,
              "switches": [
                "leaf",
                {"name": "pcie", "box": 0}
              ],
              "links": [
                {"from": 0, "to": 1, "bandwidth": 25.5, "latency_us": 1.5, "both": true, "name": "NV1"},
                {"from": 0, "to": "leaf", "bandwidth": "1/3"}
              ]
            }

            """));
    }

    [TestCaseSource(nameof(Mistakes))]
    public void A_mistake_is_refused_with_its_line(string good, string bad, string message, bool schemaTells)
    {
        string damaged = Damaged(good, bad);
        Assert.That(() => LinkGraphJson.Read(damaged, "f.json"), Throws.TypeOf<TopologyException>().With.Message.EqualTo(message));
        if (schemaTells)
            Assert.That(SchemaAccepts(damaged), Is.False);
    }

    [TestCase("{\n\"ranks\": 3,\n\"links\": [}", 3)]
    [TestCase("{\n\"ranks\": 3,\n\"links\": []\n} x", 4)]
    [TestCase("{\n\"ranks\": 3,\n", 3)]
    [TestCase("{\n'ranks': 3}", 2)]
    [TestCase("", 1)]
    public void What_is_no_JSON_is_refused_with_its_line(string text, int line) =>
        Assert.That(() => LinkGraphJson.Read(text, "f.json"), Throws.TypeOf<TopologyException>().With.Message.StartsWith($"f.json, line {line}: This is not valid JSON: "));

    [TestCase("[]", "f.json, line 1: An object is expected.")]
    [TestCase("{\"ranks\": 2}", "f.json, line 1: 'links' is missing.")]
    [TestCase("{\"ranks\": 2, \"links\": [3]}", "f.json, line 1: An object is expected.")]
    public void Another_shape_is_refused(string text, string message)
    {
        Assert.That(() => LinkGraphJson.Read(text, "f.json"), Throws.TypeOf<TopologyException>().With.Message.EqualTo(message));
        Assert.That(SchemaAccepts(text), Is.False);
    }

    [Test]
    public void The_schema_accepts_what_the_reader_accepts() => Assert.That(SchemaAccepts(Whole), Is.True);

    [TestCase("", "$schema")]
    [TestCase("node", "box")]
    [TestCase("link", "bandwidth")]
    public void The_schema_knows_the_names_that_the_reader_knows(string part, string place)
    {
        using JsonDocument schema = JsonDocument.Parse(LinkGraphJson.Schema);
        JsonElement element = part.Length == 0 ? schema.RootElement : schema.RootElement.GetProperty("$defs").GetProperty(part);
        JsonElement properties = part == "node" ? element.GetProperty("oneOf")[1].GetProperty("properties") : element.GetProperty("properties");
        TopologyException error = Assert.Throws<TopologyException>(() => LinkGraphJson.Read(Damaged($"\"{place}\"", $"\"other\": 0, \"{place}\""), "f.json"))!;
        string listed = error.Message[(error.Message.IndexOf("names here are ", StringComparison.Ordinal) + "names here are ".Length)..].TrimEnd('.');
        Assert.That(listed.Split(", ").Order(), Is.EqualTo(properties.EnumerateObject().Select(property => property.Name).Order()));
    }

    private static string Damaged(string good, string bad)
    {
        int at = Whole.IndexOf(good, StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThanOrEqualTo(0));
        return Whole[..at] + bad + Whole[(at + good.Length)..];
    }

    private static bool SchemaAccepts(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return JsonSchema.FromText(LinkGraphJson.Schema).Evaluate(document.RootElement).IsValid;
    }
}

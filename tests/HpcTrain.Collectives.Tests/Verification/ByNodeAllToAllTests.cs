namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>The all-to-all that goes through one rank of each node, where there are several nodes.</summary>
[TestFixture]
public sealed class ByNodeAllToAllTests
{
    private const long Bytes = 720_720;

    [TestCase("2x2")]
    [TestCase("2x4")]
    [TestCase("4x2")]
    [TestCase("3x3")]
    [TestCase("4x4")]
    [TestCase("5x1")]
    [TestCase("1x5")]
    [TestCase("/0,1,0,1,0,1,0,1")]
    [TestCase("/0,1,1,2,0,2")]
    public void Is_correct_and_takes_what_its_closed_form_says(string map)
    {
        NodeMap nodes = Map(map);
        var spec = new ScheduleSpec(CollectiveKind.AllToAll, nodes.Ranks) { Nodes = nodes };
        Algorithm algorithm = AlgorithmCatalog.Find(CollectiveKind.AllToAll, "by-node")!;
        VerificationReport report = ScheduleVerifier.Verify(algorithm.Create(spec));
        int n = nodes.Nodes, s = nodes.RanksPerNode;
        Assert.Multiple(() =>
        {
            Assert.That(report.SentWeight, Is.EqualTo(((n - 1) * s) + (n * (s - 1))), "blocks that a rank sends");
            Assert.That(algorithm.Seconds(spec, Bytes, new(0, 1, 0)) / Bytes, Is.EqualTo(report.SentShare).Within(1e-9));
            Assert.That(algorithm.Seconds(spec, Bytes, new(1, 0, 0)), Is.GreaterThanOrEqualTo(report.Steps));
        });
    }

    [TestCase("2x4")]
    [TestCase("4x4")]
    [TestCase("8x2")]
    public void One_message_goes_to_each_other_node_with_no_more_bytes(string map)
    {
        NodeMap nodes = Map(map);
        var spec = new ScheduleSpec(CollectiveKind.AllToAll, nodes.Ranks) { Nodes = nodes };
        Schedule byNode = AlgorithmCatalog.Create("by-node", spec), direct = AlgorithmCatalog.Create("direct", spec);
        for (int rank = 0; rank < nodes.Ranks; rank++)
        {
            Instruction[] few = Abroad(byNode, nodes, rank), many = Abroad(direct, nodes, rank);
            Assert.That((few.Length, many.Length), Is.EqualTo((nodes.Nodes - 1, (nodes.Nodes - 1) * nodes.RanksPerNode)));
            Assert.That(few.Sum(send => send.Chunks.Count), Is.EqualTo(many.Sum(send => send.Chunks.Count)));
        }
    }

    [Test]
    public void Nodes_of_different_size_are_refused() =>
        Assert.That(() => AlgorithmCatalog.Create("by-node", new(CollectiveKind.AllToAll, 5) { Nodes = NodeMap.Parse("2,3", 5) }),
            Throws.TypeOf<ScheduleException>().With.Message.EndsWith("its nodes have different numbers of ranks."));

    private static NodeMap Map(string text) =>
        NodeMap.Parse(text, text[0] == '/' ? text.Split(',').Length : text.Split('x').Select(int.Parse).Aggregate((a, b) => a * b));

    private static Instruction[] Abroad(Schedule schedule, NodeMap nodes, int rank) =>
    [
        .. schedule.Program(rank).Lanes.SelectMany(lane => lane.Instructions)
            .Where(instruction => instruction.Operation == Operation.Send && nodes.NodeOf(instruction.Peer) != nodes.NodeOf(rank)),
    ];
}

namespace HpcTrain.Topology.Tests.BuiltIn;

/// <summary>The built-in GPU machines: their links, and the rates that these allow.</summary>
[TestFixture]
public sealed class MachineTests
{
    [Test]
    public void A_DGX_1_has_its_NVLinks()
    {
        LinkGraph pascal = BuiltInTopologies.Create("dgx1p"), volta = BuiltInTopologies.Create("dgx1v");
        Assert.That(pascal.Ranks, Is.EqualTo(8));
        Assert.That(pascal.Links, Has.Length.EqualTo(2 * 16).And.All.Matches<Link>(link => link.Bandwidth == 20 && link.Name == "NV1"));
        Assert.That(volta.Links.Select(link => (link.From, link.To)), Is.EqualTo(pascal.Links.Select(link => (link.From, link.To))));
        for (int gpu = 0; gpu < 8; gpu++)
        {
            Assert.That(volta.LinksFrom(gpu), Has.Length.EqualTo(4));
            Assert.That(GraphFacts.Out(volta, $"gpu{gpu}"), Is.EqualTo((Rational)150), "six NVLinks");
            Assert.That(pascal.LinkBetween(gpu, (gpu + 4) % 8), Is.Not.Null, "the counterpart in the other quad");
        }

        Assert.That(volta.Links.Where(link => link.From < link.To && link.Bandwidth == 50).Select(link => $"{link.From}{link.To}"),
            Is.EqualTo(["03", "04", "12", "15", "23", "47", "56", "67"]));
    }

    [TestCase("dgx1v", "1200/7")] // 171.43
    [TestCase("dgx2", "160")]
    [TestCase("dgx-a100", "2400/7")] // 342.857
    [TestCase("mi250", "2400/7")]
    public void An_allgather_in_one_box_can_reach_the_rate_that_is_published(string name, string rate) =>
        Assert.That(GraphFacts.BestAllGather(BuiltInTopologies.Create(name)).ToString(), Is.EqualTo(rate));

    // Among several boxes: the cuts that ForestColl's rates stand for, as far as simple sets tell; their exactness is the planner's to prove.
    [TestCase("dgx-a100:boxes=2", "1040/3")] // 346.667
    [TestCase("dgx-a100:boxes=4", "800/3")] // 266.667
    [TestCase("mi250:boxes=2", "5312/15")] // 354.133
    public void Among_several_boxes_the_tightest_simple_cut_is_the_rate_that_is_published(string name, string rate)
    {
        LinkGraph graph = BuiltInTopologies.Create(name);
        int perBox = graph.Nodes.Count(node => node is { Kind: NodeKind.Rank, Box: 0 });
        Rational best = 1_000_000;

        // All but one GPU, all but two linked ones, and all but one box: what comes into those left out.
        IEnumerable<int[]> left = Enumerable.Range(0, graph.Ranks).Select(gpu => new[] { gpu })
            .Concat(graph.Links.Where(link => link.From < link.To && link.To < graph.Ranks).Select(link => new[] { link.From, link.To }))
            .Append([.. Enumerable.Range(0, perBox)]);
        foreach (int[] ranks in left)
        {
            int[] nodes = ranks.Length < perBox ? ranks : [.. Enumerable.Range(0, graph.Nodes.Length).Where(node => graph.Nodes[node].Box == 0)];
            Rational into = graph.Links.Where(link => !nodes.Contains(link.From) && nodes.Contains(link.To)).Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth);
            best = Rational.Min(best, into * graph.Ranks / (graph.Ranks - ranks.Length));
        }

        Assert.That(best.ToString(), Is.EqualTo(rate));
    }

    [Test]
    public void Boxes_of_A100_have_a_NIC_per_GPU_on_one_of_two_rails([Range(2, 5)] int boxes)
    {
        LinkGraph graph = BuiltInTopologies.Create($"dgx-a100:boxes={boxes}");
        Assert.That(graph.Ranks, Is.EqualTo(8 * boxes));
        Assert.That(GraphFacts.Names(graph, NodeKind.Nic), Has.Length.EqualTo(8 * boxes));
        Assert.That(GraphFacts.Names(graph, NodeKind.Switch), Has.Length.EqualTo(boxes + 2));
        Assert.That(GraphFacts.Out(graph, "ib0"), Is.EqualTo((Rational)(25 * 4 * boxes)));
        Assert.That(graph.LinkBetween(graph.Find("box1.nic3"), graph.Find("ib1")), Is.Not.Null);
        Assert.That(graph.Nodes[graph.Find("box1.gpu3")].Box, Is.EqualTo(1));
        Assert.That(graph.Nodes[graph.Find("ib0")].Box, Is.EqualTo(-1));
    }

    [Test]
    public void Every_die_of_an_MI250_has_seven_links([Values(1, 2, 3)] int boxes)
    {
        LinkGraph graph = BuiltInTopologies.Create($"mi250:boxes={boxes}");
        Assert.That(graph.Ranks, Is.EqualTo(16 * boxes));
        foreach (string gpu in GraphFacts.Names(graph, NodeKind.Rank))
            Assert.That(GraphFacts.Out(graph, gpu), Is.EqualTo((Rational)(boxes == 1 ? 350 : 366)));
        Assert.That(GraphFacts.Names(graph, NodeKind.Switch), Has.Length.EqualTo(boxes == 1 ? 0 : 1));
    }
}

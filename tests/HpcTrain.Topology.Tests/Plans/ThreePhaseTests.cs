namespace HpcTrain.Topology.Tests;

/// <summary>Hierarchies of boxes: what they send out of a box does not depend on how many ranks it has.</summary>
public sealed class ThreePhaseTests
{
    [TestCase(3, 5, "1", "4/5")]
    [TestCase(1, 7, "1", "4/7")]
    [TestCase(4, 4, "1", "1")]
    public void Uneven_boxes_send_no_more_than_even_ones(int first, int second, string threePhase, string forests)
    {
        LinkPlan plan = PlanAssert.Best(TwoBoxes(first, second));
        Assert.That(plan.Method, Is.EqualTo(PlanMethods.ThreePhase));
        Assert.That(plan.Optimum, Is.EqualTo(PackingAssert.Parse(threePhase)));
        Assert.That(PlanAssert.Compared(plan)[PlanMethods.ReduceScatterAllGather], Is.EqualTo(PackingAssert.Parse(forests)));
    }

    [Test]
    public void The_cut_is_the_full_way_out_of_a_box()
    {
        LinkGraph graph = TwoBoxes(3, 5);
        LimitingCut cut = LinkPlanner.Plan(graph, new()).Cut;
        Assert.That(cut.Bandwidth, Is.EqualTo(Rational.One));
        Assert.That(cut.Links, Has.Length.EqualTo(1));
        Assert.That(cut.Parts[0].Where(node => node < graph.Ranks), Is.EqualTo(new[] { 0, 1, 2 }).Or.EqualTo(new[] { 3, 4, 5, 6, 7 }));
    }

    [Test]
    public void Boxes_of_direct_links_spread_their_roots()
    {
        LinkGraph box = BuiltInTopologies.Create("dgx1v");
        int network = 16;
        var graph = new LinkGraph(
            "two DGX-1V",
            [.. Enumerable.Range(0, network).Select(rank => new LinkNode(NodeKind.Rank, $"gpu{rank}", rank / 8)), new LinkNode(NodeKind.Switch, "network", -1)],
            [
                .. box.Links, .. box.Links.Select(link => link with { From = link.From + 8, To = link.To + 8 }),
                .. Enumerable.Range(0, network).SelectMany(rank => new[] { new Link(rank, network, 5), new Link(network, rank, 5) }),
            ]);
        LinkPlan plan = PlanAssert.Best(graph);
        Assert.That(plan.Method, Is.EqualTo(PlanMethods.ThreePhase).Or.EqualTo(PlanMethods.ReduceScatterAllGather));
        Assert.That(PlanAssert.Compared(plan)[PlanMethods.ThreePhase], Is.EqualTo((Rational)40));

        LinkPlan blink = LinkPlanner.Plan(graph, new() { Planner = PlanPlanner.Blink });
        PlanAssert.Holds(blink);
        Assert.That(blink.Method, Is.EqualTo(PlanMethods.ThreePhase));
        Assert.That(blink.Trees.Select(tree => tree.Root).Distinct().Count(), Is.EqualTo(16));
    }

    [TestCase("dgx1v")]
    [TestCase("fat-tree")]
    [TestCase("torus")]
    public void One_box_or_boxes_of_one_rank_have_no_phases(string name) =>
        Assert.That(PlanAssert.Compared(LinkPlanner.Plan(BuiltInTopologies.Create(name), new())).Keys, Has.None.EqualTo(PlanMethods.ThreePhase));

    /// <summary>Two boxes, each with a fast switch and one slow link out of it.</summary>
    private static LinkGraph TwoBoxes(int first, int second)
    {
        int ranks = first + second;
        Link[] Both(int a, int b, Rational bandwidth) => [new(a, b, bandwidth), new(b, a, bandwidth)];
        int Box(int rank) => rank < first ? 0 : 1;
        return new(
            "two boxes",
            [
                .. Enumerable.Range(0, ranks).Select(rank => new LinkNode(NodeKind.Rank, $"gpu{rank}", Box(rank))),
                new LinkNode(NodeKind.Switch, "nvswitch0", 0), new LinkNode(NodeKind.Switch, "nvswitch1", 1),
            ],
            [.. Enumerable.Range(0, ranks).SelectMany(rank => Both(rank, ranks + Box(rank), 100)), .. Both(ranks, ranks + 1, 1)]);
    }
}

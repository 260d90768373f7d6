namespace HpcTrain.Topology.Tests;

/// <summary>PCIe beside NVLink: left alone, taken in, or given its own part of the buffer.</summary>
public sealed class HybridTests
{
    private const string FourGpus = """
        {"ranks": 4, "hosts": ["host"], "links": [
          {"from": 0, "to": 1, "bandwidth": 30, "both": true, "name": "NV1"}, {"from": 1, "to": 2, "bandwidth": 30, "both": true, "name": "NV1"},
          {"from": 2, "to": 3, "bandwidth": 30, "both": true, "name": "NV1"}, {"from": 3, "to": 0, "bandwidth": 30, "both": true, "name": "NV1"},
          {"from": 0, "to": "host", "bandwidth": 12, "both": true, "name": "PCIe 3 x16"}, {"from": 1, "to": "host", "bandwidth": 12, "both": true, "name": "PCIe 3 x16"},
          {"from": 2, "to": "host", "bandwidth": 12, "both": true, "name": "PCIe 3 x16"}, {"from": 3, "to": "host", "bandwidth": 12, "both": true, "name": "PCIe 3 x16"}]}
        """;

    private static readonly LinkGraph Graph = LinkGraphJson.Read(FourGpus, "four");

    [Test]
    public void Links_between_devices_are_used_alone_where_they_join_all()
    {
        LinkPlan plan = PlanAssert.Best(Graph);
        Assert.That((plan.Method, plan.Optimum), Is.EqualTo((PlanMethods.Trees, (Rational)40)));
        Assert.That(plan.Trees.SelectMany(tree => tree.Out.SelectMany(edge => edge.Path)), Has.None.EqualTo(4));
        Assert.That(plan.Graph, Is.SameAs(Graph));
    }

    [Test]
    public void Otherwise_all_links_are()
    {
        LinkPlan plan = PlanAssert.Best(Graph.Allocate([0, 2]));
        Assert.That(plan.Rate, Is.EqualTo((Rational)12));
        Assert.That(plan.Comparison!.Ring, Is.EqualTo(new RingRate(12, 0, 12, true)));
    }

    [Test]
    public void All_links_can_be_taken_as_one()
    {
        LinkPlan plan = PlanAssert.Best(Graph, new() { Links = PlanLinks.All, Collective = PackedCollective.Broadcast });
        Assert.That(plan.Rate, Is.EqualTo((Rational)72));
    }

    [Test]
    public void The_ring_of_devices_without_one_goes_over_the_host()
    {
        LinkPlan plan = LinkPlanner.Plan(Graph.Allocate([0, 1, 2]), new() { Planner = PlanPlanner.Rings });
        PlanAssert.Holds(plan);
        Assert.That((plan.Rate, plan.Optimum), Is.EqualTo(((Rational)9, PlanAssert.Best(Graph.Allocate([0, 1, 2]), new() { Links = PlanLinks.All }).Rate)));
        Assert.That(plan.Trees.SelectMany(tree => tree.In.Concat(tree.Out)).Select(edge => edge.Path[1]), Is.All.EqualTo(3));
    }

    [TestCase(PackedCollective.AllReduce, "40", "8")]
    [TestCase(PackedCollective.Broadcast, "60", "12")]
    [TestCase(PackedCollective.AllGather, "80", "16")]
    [TestCase(PackedCollective.ReduceScatter, "80", "16")]
    public void Both_run_side_by_side(PackedCollective collective, string device, string host)
    {
        LinkPlan plan = PlanAssert.Best(Graph, new() { Links = PlanLinks.Hybrid, Collective = collective });
        Rational n = PackingAssert.Parse(device), p = PackingAssert.Parse(host);
        Assert.That(plan.Optimum, Is.EqualTo(n + p));
        Assert.That(HostWeight(plan), Is.EqualTo(p));
    }

    [Test]
    public void What_switching_costs_is_taken_off_the_share_of_the_host()
    {
        // D_pcie = (D P - T P N) / (P + N), with D = 48 MB, T = 200 us, P = 8 and N = 40 GB/s: (384 - 64) / 48 MB.
        LinkPlan plan = LinkPlanner.Plan(Graph, new() { Links = PlanLinks.Hybrid, Bytes = 48_000_000, SwitchSeconds = 200e-6 });
        PlanAssert.Holds(plan);
        Rational share = new Rational(320, 48) / 48;
        Assert.That(HostWeight(plan) / plan.Rate, Is.EqualTo(share));

        // Both end together: the host after its part and the switching, the devices after theirs.
        Rational seconds = (Rational.One - share) * 48_000_000 / 40_000_000_000;
        Assert.That((share * 48_000_000 / 8_000_000_000) + new Rational(200, 1_000_000), Is.EqualTo(seconds));
        Assert.That(plan.Rate, Is.EqualTo(48_000_000 / (seconds * 1_000_000_000)));
    }

    [Test]
    public void A_buffer_that_is_gone_before_the_host_can_help_is_left_to_the_devices()
    {
        LinkPlan plan = LinkPlanner.Plan(Graph, new() { Links = PlanLinks.Hybrid, Bytes = 8_000_000, SwitchSeconds = 200e-6 });
        PlanAssert.Holds(plan);
        Assert.That(HostWeight(plan), Is.EqualTo(Rational.Zero));
        Assert.That(plan.Rate, Is.EqualTo((Rational)40));
    }

    [Test]
    public void Without_links_of_both_kinds_there_is_nothing_to_split()
    {
        foreach (LinkGraph graph in new[] { BuiltInTopologies.Create("dgx1v"), Graph.Allocate([0, 2]) })
        {
            Assert.That(
                () => LinkPlanner.Plan(graph, new() { Links = PlanLinks.Hybrid }),
                Throws.TypeOf<TopologyException>().With.Message.Contains("there is nothing to split"));
        }
    }

    private static Rational HostWeight(LinkPlan plan) => plan.Trees
        .Where(tree => tree.In.Concat(tree.Out).Any(edge => edge.Path.Contains(4)))
        .Aggregate(Rational.Zero, (sum, tree) => sum + tree.Weight);
}

namespace HpcTrain.Topology.Tests;

/// <summary>The planner compares methods, takes the best, and its plans hold.</summary>
public sealed class LinkPlannerTests
{
    private static IEnumerable<Dgx1Class> Dgx1Classes => Dgx1Class.All;

    [TestCaseSource(nameof(Dgx1Classes))]
    public void Dgx1_classes_reduce_at_the_better_of_trees_and_forests(object dgx1)
    {
        var known = (Dgx1Class)dgx1;
        Rational tau = PackingAssert.Parse(known.Tau), gather = PackingAssert.Parse(known.AllGather);
        LinkGraph machine = BuiltInTopologies.Create(known.Machine == "V" ? "dgx1v" : "dgx1p:bandwidth=25");
        LinkPlan plan = PlanAssert.Best(machine.Allocate([.. known.Gpus.Select(digit => digit - '0')]), new() { Fallback = 10 });
        Assert.That(PlanAssert.Compared(plan), Is.EquivalentTo(new Dictionary<string, Rational>
        {
            [PlanMethods.Trees] = tau * 25,
            [PlanMethods.ReduceScatterAllGather] = gather * 25 / 2,
        }));
        Assert.That(plan.Optimum, Is.EqualTo(Rational.Max(tau, gather / 2) * 25));
        Assert.That(plan.Method, Is.EqualTo(tau >= gather / 2 ? PlanMethods.Trees : PlanMethods.ReduceScatterAllGather));
        Rational ring = known.Rings == 0 ? 10 : PackingAssert.Parse(known.EffectiveRings) * 25;
        Assert.That(plan.Comparison!.Ring!.Rate, Is.EqualTo(ring * plan.Graph.Ranks / (2 * (plan.Graph.Ranks - 1))));
    }

    [TestCase("dgx1v", "trees", "600/7")]
    [TestCase("dgx-a100", "one-hop", "1200/7")]
    [TestCase("dgx-a100:boxes=2", "reduce-scatter+allgather", "520/3")]
    [TestCase("dgx-a100:boxes=4", "three-phase", "400/3")]
    [TestCase("mi250", "trees", "1200/7")]
    [TestCase("mi250:boxes=2", "reduce-scatter+allgather", "2656/15")]
    [TestCase("dgx2", "one-hop", "80")]
    [TestCase("fat-tree:k=4,bandwidth=30", "reduce-scatter+allgather", "16")]
    public void Machines_reduce_by_the_method_that_suits_them(string name, string method, string optimum)
    {
        LinkPlan plan = PlanAssert.Best(BuiltInTopologies.Create(name));
        Assert.That(plan.Optimum, Is.EqualTo(PackingAssert.Parse(optimum)));
        Assert.That(plan.Method, Is.EqualTo(method));
        Assert.That(PlanAssert.Compared(plan)[PlanMethods.ReduceScatterAllGather], Is.AtMost(plan.Optimum));
    }

    [TestCase("dgx-a100", "2400/7")]
    [TestCase("dgx-a100:boxes=2", "1040/3")]
    [TestCase("dgx-a100:boxes=4", "800/3")]
    [TestCase("mi250", "2400/7")]
    [TestCase("mi250:boxes=2", "5312/15")]
    [TestCase("dgx2", "160")]
    [TestCase("dgx1v", "1200/7")]
    public void Machines_gather_and_scatter_at_the_published_rates(string name, string optimum)
    {
        foreach (PackedCollective collective in new[] { PackedCollective.AllGather, PackedCollective.ReduceScatter })
            Assert.That(PlanAssert.Best(BuiltInTopologies.Create(name), new() { Collective = collective }).Rate, Is.EqualTo(PackingAssert.Parse(optimum)));
    }

    [Test]
    public void Ten_trees_reduce_on_a_dgx1v_at_97_percent_of_the_optimum_or_more()
    {
        LinkPlan plan = LinkPlanner.Plan(BuiltInTopologies.Create("dgx1v"), new() { MostTrees = 10 });
        PlanAssert.Holds(plan);
        Assert.That(plan.Trees, Has.Length.AtMost(10));
        Assert.That(plan.Share, Is.AtLeast(new Rational(97, 100)));
    }

    [Test]
    public void A_broadcast_starts_at_its_root()
    {
        LinkPlan plan = PlanAssert.Best(BuiltInTopologies.Create("dgx1v"), new() { Collective = PackedCollective.Broadcast, Root = 5 });
        Assert.That(plan.Rate, Is.EqualTo((Rational)150));
        Assert.That(plan.Trees.Select(tree => (tree.Root, tree.Weight)), Is.EqualTo(Enumerable.Repeat((5, (Rational)25), 6)));
        Assert.That(plan.Comparison!.Ring!.Rate, Is.EqualTo((Rational)150));
    }

    [Test]
    public void Ranks_by_the_thousand_are_planned_for()
    {
        LinkPlan plan = PlanAssert.Best(BuiltInTopologies.Create("dgx-a100:boxes=128"));
        Assert.That(plan.Optimum, Is.EqualTo(new Rational(12800, 127)));
        Assert.That(plan.Trees, Has.Length.EqualTo(1024));
    }

    [TestCase("fat-tree:k=12", "432/431")]
    [TestCase("fat-tree:k=16", "1024/1023")]
    public void Large_fat_trees_are_served_round_a_ring(string name, string gathered)
    {
        LinkPlan plan = PlanAssert.Best(BuiltInTopologies.Create($"{name},bandwidth=1"));
        Assert.That(plan.Rate, Is.EqualTo(PackingAssert.Parse(gathered) / 2));
        Assert.That(plan.Trees, Has.Length.EqualTo(plan.Graph.Ranks));
    }

    [Test]
    public void Links_that_differ_by_direction_are_paired([Range(1, 40)] int seed)
    {
        LinkGraph graph = Graphs.RandomOneWay(seed, 3 + (seed % 5));
        LinkPlan plan = PlanAssert.Best(graph);
        Rational gather = ForestPacking.PlanAllGather(graph).Rate, scatter = ForestPacking.PlanReduceScatter(graph).Rate;
        Assert.That(PlanAssert.Compared(plan)[PlanMethods.ReduceScatterAllGather], Is.EqualTo(gather * scatter / (gather + scatter)));
    }

    [Test]
    public void Switches_at_random_are_planned_through([Range(1, 40)] int seed) => PlanAssert.Best(Graphs.RandomSwitched(seed, 3 + (seed % 4), 1 + (seed % 3)));

    [Test]
    public void Few_trees_cost_what_is_said([Range(1, 8)] int most)
    {
        foreach (string name in new[] { "dgx1v", "dgx-a100", "dgx-a100:boxes=2" })
        {
            LinkPlan plan = LinkPlanner.Plan(BuiltInTopologies.Create(name), new() { MostTrees = most });
            PlanAssert.Holds(plan);
            Assert.That(plan.Trees, Has.Length.AtMost(most));
            Assert.That(plan.Comparison!.Limit!.Price, Is.EqualTo(Rational.One - plan.Share));
            Assert.That(plan.Comparison.Limit.IsBest || plan.Share < Rational.One);
        }
    }

    [Test]
    public void Eight_ranks_on_a_switch_need_four_chains()
    {
        LinkGraph graph = BuiltInTopologies.Create("dgx-a100");
        Assert.That(LinkPlanner.Plan(graph, new() { MostTrees = 1 }).Rate, Is.EqualTo((Rational)150));
        Assert.That(LinkPlanner.Plan(graph, new() { MostTrees = 4 }).Share, Is.EqualTo(Rational.One));
    }

    [Test]
    public void Few_trees_of_all_collectives_hold()
    {
        LinkGraph graph = BuiltInTopologies.Create("dgx1v");
        foreach (PackedCollective collective in Enum.GetValues<PackedCollective>())
        {
            LinkPlan plan = LinkPlanner.Plan(graph, new() { Collective = collective, MostTrees = 8 });
            PlanAssert.Holds(plan);
            Assert.That(plan.Trees, Has.Length.AtMost(8));
        }
    }

    [TestCaseSource(nameof(Dgx1Classes))]
    public void Rings_of_dgx1_classes_carry_what_the_rule_says(object dgx1)
    {
        var known = (Dgx1Class)dgx1;
        LinkGraph graph = BuiltInTopologies.Create(known.Machine == "V" ? "dgx1v" : "dgx1p:bandwidth=25").Allocate([.. known.Gpus.Select(digit => digit - '0')]);
        foreach (PackedCollective collective in known.Rings == 0 ? [] : new[] { PackedCollective.AllReduce, PackedCollective.Broadcast })
        {
            LinkPlan plan = LinkPlanner.Plan(graph, new() { Planner = PlanPlanner.Rings, Collective = collective, Root = 1 });
            PlanAssert.Holds(plan);
            Assert.That((plan.Method, plan.Rate), Is.EqualTo((PlanMethods.Rings, plan.Comparison!.Ring!.Rate)));
        }
    }

    [Test]
    public void Rings_through_a_switch_are_one_that_weighs_as_much()
    {
        LinkPlan plan = LinkPlanner.Plan(BuiltInTopologies.Create("dgx2"), new() { Planner = PlanPlanner.Rings });
        PlanAssert.Holds(plan);
        Assert.That((plan.Trees.Length, plan.Rate), Is.EqualTo((16, (Rational)80)));
    }

    [Test]
    public void Blink_comes_close_in_its_own_way()
    {
        foreach ((string name, string method) in new[] { ("dgx1v", "blink"), ("dgx2", "one-hop"), ("dgx-a100:boxes=2", "three-phase") })
        {
            LinkPlan plan = LinkPlanner.Plan(BuiltInTopologies.Create(name), new() { Planner = PlanPlanner.Blink });
            PlanAssert.Holds(plan);
            Assert.That(plan.Method, Is.EqualTo(method));
            Assert.That((double)plan.Share, Is.AtLeast(0.95));
        }

        LinkPlan broadcast = LinkPlanner.Plan(BuiltInTopologies.Create("dgx1v"), new() { Planner = PlanPlanner.Blink, Collective = PackedCollective.Broadcast, Root = 2 });
        PlanAssert.Holds(broadcast);
        Assert.That((double)broadcast.Share, Is.AtLeast(0.95));
    }
}

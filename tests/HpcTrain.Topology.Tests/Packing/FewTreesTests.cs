namespace HpcTrain.Topology.Tests;

/// <summary>Plans of few trees fit the links, cost what they say, and get better with every tree allowed.</summary>
public sealed class FewTreesTests
{
    [Test]
    public void A_DGX1V_reduces_with_ten_trees_at_97_percent_or_more()
    {
        LimitedPacking limited = FewTrees.PlanAllReduce(Graphs.Dgx1V(25), 10);
        Assert.That(TreePackingCheck.Faults(Graphs.Dgx1V(25), limited.Packing), Is.Empty);
        Assert.That(limited.Packing.Share, Is.GreaterThanOrEqualTo(new Rational(97, 100)));
    }

    [Test]
    public void A_DGX1V_reduces_with_few_trees()
    {
        LinkGraph graph = Graphs.Dgx1V();
        Rational before = Rational.Zero;
        for (int most = 1; most <= 7; most++)
        {
            LimitedPacking limited = FewTrees.PlanAllReduce(graph, most);
            Assert.That(TreePackingCheck.Faults(graph, limited.Packing), Is.Empty);
            Assert.That(limited.Packing.Trees, Has.Length.AtMost(most));
            Assert.That(limited.Packing.Rate, Is.GreaterThanOrEqualTo(before));
            Assert.That(limited.Price, Is.EqualTo(1 - (limited.Packing.Rate * 7 / 24)));
            before = limited.Packing.Rate;
        }

        Assert.That(FewTrees.PlanAllReduce(graph, 1).Packing.Rate, Is.EqualTo((Rational)2));
        Assert.That(FewTrees.PlanAllReduce(graph, 3).Packing.Rate, Is.GreaterThanOrEqualTo((Rational)3));
    }

    [Test]
    public void A_DGX1V_broadcasts_with_few_trees([Range(1, 6)] int most)
    {
        LinkGraph graph = Graphs.Dgx1V();
        LimitedPacking limited = FewTrees.PlanBroadcast(graph, 3, most);
        Assert.That(TreePackingCheck.Faults(graph, limited.Packing), Is.Empty);
        Assert.That(limited.Packing.Trees, Has.Length.AtMost(most));
        Assert.That(limited.Packing.Rate, Is.GreaterThanOrEqualTo((Rational)Math.Max(2, most)));
        Assert.That(limited.IsBest, Is.EqualTo(most == 6));
    }

    [Test]
    public void Two_trees_of_a_triangle_are_proven()
    {
        LimitedPacking one = FewTrees.PlanAllReduce(Graphs.Of(3, "0-1:1 1-2:1 0-2:1"), 1), two = FewTrees.PlanAllReduce(Graphs.Of(3, "0-1:1 1-2:1 0-2:1"), 2);
        Assert.That((one.Packing.Rate, one.IsBest), Is.EqualTo((Rational.One, true)));
        Assert.That((two.Packing.Rate, two.IsBest), Is.EqualTo((Rational.One, true)));
        Assert.That(two.Price, Is.EqualTo(new Rational(1, 3)));
    }

    [Test]
    public void Equal_trees_of_random_edges_fit([Range(1, 20)] int seed)
    {
        TwoWayLinks links = TwoWayLinks.Of(Graphs.RandomTwoWay(seed, 3 + (seed % 5)));
        Rational tau = StrengthRate.Find(links.Graph.Ranks, links.Edges, links.Capacities).Rate;
        for (int count = 1; count <= 6; count++)
        {
            var cut = links.Limit(new(tau, new int[links.Graph.Ranks]));
            var packing = new TreePacking(PackedCollective.AllReduce, PackingMethod.FewTrees, tau * links.Unit, EqualTrees.Undirected(links, count), cut);
            Assert.That(TreePackingCheck.Faults(links.Graph, packing), Is.Empty);
            Assert.That(packing.Trees, Has.Length.EqualTo(count));
        }
    }

    [Test]
    public void Through_a_switch_few_trees_broadcast_too([Range(1, 8)] int most)
    {
        LinkGraph graph = Graphs.Boxes(2, 4, 300, 25);
        LimitedPacking limited = FewTrees.PlanBroadcast(graph, 0, most);
        Assert.That(TreePackingCheck.Faults(graph, limited.Packing), Is.Empty);
        Assert.That(limited.Packing.Trees, Has.Length.InRange(1, most));
    }

    [Test]
    public void A_gather_has_as_many_trees_for_every_root([Values(8, 15, 16)] int most)
    {
        foreach (LinkGraph graph in new[] { Graphs.Dgx1V(), Graphs.Dgx1P(), Graphs.Boxes(2, 4, 300, 25) })
        {
            LimitedPacking limited = FewTrees.PlanAllGather(graph, most);
            Assert.That(TreePackingCheck.Faults(graph, limited.Packing), Is.Empty);
            Assert.That(limited.Packing.Trees, Has.Length.InRange(8, most));
            Assert.That(limited.Packing.Share, Is.GreaterThan(new Rational(1, 2)));
            Assert.That(limited.IsBest, Is.EqualTo(limited.Price == Rational.Zero));
        }
    }

    [Test]
    public void Too_few_trees_are_refused()
    {
        Assert.That(() => FewTrees.PlanAllReduce(Graphs.Dgx1V(), 0), Throws.TypeOf<TopologyException>().With.Message.Contains("allow at least 1"));
        Assert.That(() => FewTrees.PlanAllGather(Graphs.Dgx1V(), 7), Throws.TypeOf<TopologyException>().With.Message.Contains("allow at least 8, not 7"));
    }
}

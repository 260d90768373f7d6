namespace HpcTrain.Topology.Tests;

/// <summary>Exact packings reach optima that were worked out otherwise: published ones, and those from all cuts of small graphs.</summary>
public sealed class PackingTests
{
    private static IEnumerable<Dgx1Class> Dgx1Classes => Dgx1Class.All;

    [TestCaseSource(nameof(Dgx1Classes))]
    public void Dgx1_classes_broadcast_at_lambda(object dgx1)
    {
        var (graph, expected) = (((Dgx1Class)dgx1).Graph, ((Dgx1Class)dgx1).Lambda);
        for (int root = 0; root < graph.Ranks; root++)
        {
            TreePacking packing = ArborescencePacking.Plan(graph, root);
            Assert.That(packing.Optimum, Is.EqualTo((Rational)expected));
            Assert.That(packing.Trees, Has.All.Matches((PackedTree tree) => tree.Root == root && tree.Weight.IsInteger));
            PackingAssert.IsOptimal(graph, packing);
        }
    }

    [TestCaseSource(nameof(Dgx1Classes))]
    public void Dgx1_classes_reduce_over_trees_at_tau(object dgx1)
    {
        LinkGraph graph = ((Dgx1Class)dgx1).Graph;
        TreePacking packing = SpanningTreePacking.Plan(graph);
        Assert.That(packing.Optimum, Is.EqualTo(PackingAssert.Parse(((Dgx1Class)dgx1).Tau)));
        Assert.That(packing.Trees, Has.Length.AtMost(graph.Links.Length / 2));
        PackingAssert.IsOptimal(graph, packing);
    }

    [TestCaseSource(nameof(Dgx1Classes))]
    public void Dgx1_classes_gather_and_scatter_at_their_optimum(object dgx1)
    {
        LinkGraph graph = ((Dgx1Class)dgx1).Graph;
        foreach (TreePacking packing in new[] { ForestPacking.PlanAllGather(graph), ForestPacking.PlanReduceScatter(graph) })
        {
            Assert.That(packing.Optimum, Is.EqualTo(PackingAssert.Parse(((Dgx1Class)dgx1).AllGather)));
            PackingAssert.IsOptimal(graph, packing);
        }
    }

    [Test]
    public void A_DGX1V_broadcasts_over_six_trees_of_one_link_each()
    {
        TreePacking packing = ArborescencePacking.Plan(Graphs.Dgx1V(25), 0);
        Assert.That(packing.Optimum, Is.EqualTo((Rational)150));
        Assert.That(packing.Trees.Select(tree => tree.Weight), Is.EqualTo(Enumerable.Repeat((Rational)25, 6)));
    }

    [TestCase(1, 8, 300, 0, "2400/7", TestName = "Gather@A100 box")]
    [TestCase(2, 8, 300, 25, "1040/3", TestName = "Gather@two A100 boxes")]
    [TestCase(4, 8, 300, 25, "800/3", TestName = "Gather@four A100 boxes")]
    [TestCase(1, 16, 150, 0, "160", TestName = "Gather@DGX-2")]
    [TestCase(16, 8, 300, 25, "640/3", TestName = "Gather@16 A100 boxes")]
    public void Switches_are_planned_through(int boxes, int ranks, int inside, int outside, string optimum)
    {
        LinkGraph graph = Graphs.Boxes(boxes, ranks, inside, outside);
        foreach (TreePacking packing in new[] { ForestPacking.PlanAllGather(graph), ForestPacking.PlanReduceScatter(graph) })
        {
            Assert.That(packing.Optimum, Is.EqualTo(PackingAssert.Parse(optimum)));
            PackingAssert.IsOptimal(graph, packing);
        }
    }

    [Test]
    public void A_DGX1V_gathers_at_1200_sevenths() =>
        Assert.That(ForestPacking.PlanAllGather(Graphs.Dgx1V(25)).Rate, Is.EqualTo(new Rational(1200, 7)));

    [Test]
    public void A_switch_alone_is_one_hop_for_each_root()
    {
        TreePacking packing = ForestPacking.PlanAllGather(Graphs.Boxes(1, 8, 300, 0));
        Assert.That(packing.Trees, Has.Length.EqualTo(8));
        Assert.That(packing.Trees.SelectMany(tree => tree.Edges.Select(edge => edge.From == tree.Root)), Has.All.True);
    }

    [TestCase(4)]
    [TestCase(6)]
    public void Paths_climb_a_fat_tree_once(int k)
    {
        LinkGraph graph = Graphs.FatTree(k);
        TreePacking packing = ForestPacking.PlanAllGather(graph);
        Assert.That(packing.Optimum, Is.EqualTo(new Rational(graph.Ranks, graph.Ranks - 1)));
        PackingAssert.IsOptimal(graph, packing);
        Assert.That(packing.Trees.SelectMany(tree => tree.Edges.Select(edge => edge.Path.Length)), Has.All.AtMost(7));
    }

    [Test]
    public void Random_links_carry_what_their_cuts_let_through([Range(1, 60)] int seed)
    {
        LinkGraph graph = Graphs.RandomOneWay(seed, 3 + (seed % 5));
        int root = seed % graph.Ranks;
        TreePacking broadcast = ArborescencePacking.Plan(graph, root), gather = ForestPacking.PlanAllGather(graph);
        Assert.That(broadcast.Optimum, Is.EqualTo(BruteForce.RatePerRoot(graph, [root])));
        Assert.That(gather.Optimum, Is.EqualTo(BruteForce.RatePerRoot(graph, [.. Enumerable.Range(0, graph.Ranks)]) * graph.Ranks));
        PackingAssert.IsOptimal(graph, broadcast);
        PackingAssert.IsOptimal(graph, gather);
        PackingAssert.IsOptimal(graph, ForestPacking.PlanReduceScatter(graph));
    }

    [Test]
    public void Random_switches_carry_what_their_cuts_let_through([Range(1, 60)] int seed)
    {
        LinkGraph graph = Graphs.RandomSwitched(seed, 3 + (seed % 4), 1 + (seed % 3));
        int root = seed % graph.Ranks;
        TreePacking broadcast = ArborescencePacking.Plan(graph, root), gather = ForestPacking.PlanAllGather(graph);
        Assert.That(broadcast.Optimum, Is.EqualTo(BruteForce.RatePerRoot(graph, [root])));
        Assert.That(gather.Optimum, Is.EqualTo(BruteForce.RatePerRoot(graph, [.. Enumerable.Range(0, graph.Ranks)]) * graph.Ranks));
        PackingAssert.IsOptimal(graph, broadcast);
        PackingAssert.IsOptimal(graph, gather);
    }

    [Test]
    public void Random_edges_carry_what_their_partitions_let_through([Range(1, 60)] int seed)
    {
        LinkGraph graph = Graphs.RandomTwoWay(seed, 2 + (seed % 6));
        TreePacking packing = SpanningTreePacking.Plan(graph);
        Assert.That(packing.Optimum, Is.EqualTo(BruteForce.Tau(graph)));
        Assert.That(packing.Trees, Has.Length.AtMost(graph.Links.Length / 2));
        PackingAssert.IsOptimal(graph, packing);
    }

    [Test]
    public void Of_links_that_differ_by_direction_the_lesser_is_used()
    {
        LinkGraph graph = Graphs.Of(3, "0>1:5 1>0:2 1-2:3 0>2:1");
        TreePacking packing = SpanningTreePacking.Plan(graph);
        Assert.That(packing.Optimum, Is.EqualTo((Rational)2));
        PackingAssert.IsOptimal(graph, packing);
    }
}

namespace HpcTrain.Topology.Tests;

/// <summary>Blink's plans fit the links and come within 5 % of the optimum, as its paper says.</summary>
public sealed class BlinkPackingTests
{
    private static readonly Rational CloseEnough = new(95, 100);

    private static IEnumerable<Dgx1Class> Dgx1Classes => Dgx1Class.All;

    [TestCaseSource(nameof(Dgx1Classes))]
    public void Dgx1_classes_are_within_5_percent(object dgx1)
    {
        LinkGraph graph = ((Dgx1Class)dgx1).Graph;
        foreach (TreePacking packing in new[] { BlinkPacking.PlanBroadcast(graph, graph.Ranks - 1), BlinkPacking.PlanAllReduce(graph) })
        {
            Assert.That(TreePackingCheck.Faults(graph, packing), Is.Empty);
            Assert.That(packing.Share, Is.GreaterThanOrEqualTo(CloseEnough));
            Assert.That(packing.Method, Is.EqualTo(PackingMethod.Blink));
        }
    }

    [Test]
    public void A_DGX1V_broadcasts_over_few_trees_of_whole_links()
    {
        TreePacking packing = BlinkPacking.PlanBroadcast(Graphs.Dgx1V(25), 0);
        Assert.That(packing.Rate, Is.EqualTo((Rational)150));
        Assert.That(packing.Trees, Has.Length.AtMost(6));
        Assert.That(packing.Trees, Has.All.Matches((PackedTree tree) => (tree.Weight / 25).IsInteger));
    }

    [Test]
    public void Random_links_are_within_5_percent([Range(1, 20)] int seed)
    {
        LinkGraph graph = Graphs.RandomOneWay(seed, 3 + (seed % 5));
        TreePacking packing = BlinkPacking.PlanBroadcast(graph, 0);
        Assert.That(TreePackingCheck.Faults(graph, packing), Is.Empty);
        Assert.That(packing.Share, Is.GreaterThanOrEqualTo(CloseEnough));
    }

    [Test]
    public void Least_trees_are_the_shortest_of_all([Range(1, 60)] int seed)
    {
        LinkGraph graph = Graphs.RandomOneWay(seed, 2 + (seed % 5));
        var random = new Random(seed);
        double[] lengths = [.. graph.Links.Select(_ => (double)random.Next(1, 20))];
        List<int> found = LeastArborescence.Find(graph.Ranks, 0, [.. graph.Links.Select(link => (link.From, link.To))], lengths);
        double least = TreeSearch.AllTrees(graph, 0)?.Min(tree => tree.Sum(link => lengths[graph.Links.IndexOf(link)])) ?? double.NaN;
        Assume.That(least, Is.Not.NaN);
        Assert.That(found.Sum(link => lengths[link]), Is.EqualTo(least));
        Assert.That(found.Select(link => graph.Links[link].To).Order(), Is.EqualTo(Enumerable.Range(1, graph.Ranks - 1)));
    }

    [Test]
    public void Switches_are_refused() =>
        Assert.That(() => BlinkPacking.PlanBroadcast(Graphs.Boxes(1, 3, 2, 0), 0), Throws.TypeOf<TopologyException>().With.Message.Contains("nvswitch0"));
}

namespace HpcTrain.Topology.Tests;

/// <summary>The exact ways to remove switches and to pack trees, which plans take only where guesses fail.</summary>
public sealed class ExactStepTests
{
    private static IEnumerable<LinkGraph> Graphs =>
    [
        .. Enumerable.Range(100, 60).Select(seed => Tests.Graphs.RandomSwitched(seed, 2 + (seed % 6), seed % 4)),
        .. Enumerable.Range(100, 40).Select(seed => Tests.Graphs.RandomOneWay(seed, 2 + (seed % 8))),
        .. Dgx1Class.All.Select(dgx1 => dgx1.Graph),
        Tests.Graphs.Boxes(1, 8, 300, 0),
        Tests.Graphs.Boxes(2, 4, 300, 25),
        Tests.Graphs.Boxes(3, 3, 7, 2),
    ];

    [TestCaseSource(nameof(Graphs))]
    public void Without_guesses_all_roots_reach_their_optimum(LinkGraph graph) => Packs(graph, [.. Enumerable.Range(0, graph.Ranks)]);

    [TestCaseSource(nameof(Graphs))]
    public void Without_guesses_one_root_reaches_its_optimum(LinkGraph graph) => Packs(graph, [graph.Ranks - 1]);

    [TestCaseSource(nameof(Graphs))]
    public void Without_guesses_some_roots_reach_their_optimum(LinkGraph graph) => Packs(graph, [.. Enumerable.Range(0, graph.Ranks).Where(rank => rank % 2 == 0)]);

    private static void Packs(LinkGraph graph, int[] roots)
    {
        ScaledLinks scaled = ScaledLinks.Of(graph);
        RootedRate rate = RootedRate.Find(graph, scaled, roots);
        RootDemand[] demands = [.. roots.Select(root => new RootDemand(root, (long)rate.Rate.Numerator))];
        long[] capacities = [.. scaled.Capacities.Select(capacity => capacity * (long)rate.Rate.Denominator)];
        var links = new LogicalLinks(graph, capacities);
        SwitchRemoval.Remove(links, [.. Enumerable.Range(0, graph.Ranks).Select(rank => roots.Contains(rank) ? (long)rate.Rate.Numerator : 0)]);
        Assert.That(links.All.All(link => link.From < graph.Ranks && link.To < graph.Ranks));
        List<LogicalTree> trees = ExactForest.Pack(links, demands);
        Assert.That(trees, Has.Count.AtMost(links.All.Count() + demands.Length));

        // Each root's trees by themselves pass for a broadcast; all together, for the loads of links.
        Rational optimum = rate.Rate * scaled.Unit;
        var packed = LogicalTree.ToPaths(trees, graph, capacities, scaled.Unit / (long)rate.Rate.Denominator);
        foreach (int root in roots)
        {
            var alone = new TreePacking(PackedCollective.Broadcast, PackingMethod.Arborescences, optimum, [.. packed.Where(tree => tree.Root == root)], rate.Limit(graph, optimum));
            Assert.That(TreePackingCheck.Faults(graph, alone), Is.Empty);
            Assert.That(alone.Rate, Is.EqualTo(optimum));
        }

        IEnumerable<string> faults = TreePackingCheck.Faults(graph, new(PackedCollective.Broadcast, PackingMethod.Arborescences, optimum * roots.Length, packed, rate.Limit(graph, optimum)));
        Assert.That(faults.Where(fault => fault.StartsWith("The link", StringComparison.Ordinal)), Is.Empty);
    }
}

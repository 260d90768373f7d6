namespace HpcTrain.Collectives.Tests.Schedules;

[TestFixture]
public sealed class AlgorithmCatalogTests
{
    private static IEnumerable<CollectiveKind> Collectives => Enum.GetValues<CollectiveKind>();

    [TestCase("ring", "ring")]
    [TestCase(" Ring ", "ring")]
    [TestCase("recursive_doubling", "recursive-doubling")]
    [TestCase("RD", "recursive-doubling")]
    [TestCase("rabenseifner", "halving-doubling")]
    [TestCase("hd", "halving-doubling")]
    [TestCase("AUTO", "auto")]
    [TestCase("hierarchy:direct+ring", "hierarchy:direct+ring")]
    [TestCase(" Hierarchy:Two_Shot@4+binomial+rabenseifner", "hierarchy:two-shot@4+binomial+rabenseifner")]
    public void Names_and_aliases_are_understood(string given, string name) => Assert.That(AlgorithmCatalog.Parse(CollectiveKind.AllReduce, given), Is.EqualTo(name));

    [Test]
    public void An_unknown_name_lists_the_valid_ones() =>
        Assert.That(() => AlgorithmCatalog.Parse(CollectiveKind.Barrier, "rong"), Throws.TypeOf<ScheduleException>().With.Message.EqualTo(
            "There is no barrier algorithm 'rong'; the valid ones are dissemination, tree, recursive-doubling, hierarchy:tree+dissemination, auto, "
            + "and others of the form hierarchy:INNER+OUTER."));

    [TestCase("hierarchy:ring", "it has 1 level, and a hierarchy has from 2 to 8")]
    [TestCase("hierarchy:ring@0+ring", "'0' is no number of ranks")]
    [TestCase("hierarchy:ring@x+ring", "'x' is no number of ranks")]
    [TestCase("hierarchy:ring+ring@4", "its outermost level takes all groups, so it has no size")]
    [TestCase("hierarchy:rong+ring", "'rong' cannot be a level of 'hierarchy:rong+ring' for allreduce; the valid ones there are ring,")]
    [TestCase("hierarchy:ring+bruck", "'bruck' cannot be a level of 'hierarchy:ring+bruck' for allreduce; the valid ones there are ring,")]
    [TestCase("hierarchy:bruck+ring", "'bruck' cannot be a level")]
    public void A_wrong_hierarchy_is_refused(string name, string message) =>
        Assert.That(() => AlgorithmCatalog.Parse(CollectiveKind.AllReduce, name), Throws.TypeOf<ScheduleException>().With.Message.Contains(message));

    [Test]
    public void An_all_to_all_has_no_hierarchies() =>
        Assert.That(() => AlgorithmCatalog.Parse(CollectiveKind.AllToAll, "hierarchy:direct+direct"), Throws.TypeOf<ScheduleException>()
            .With.Message.EqualTo("There is no hierarchy for all-to-all; the valid algorithms are direct, pairwise, by-node, auto."));

    [Test]
    public void Auto_is_not_an_algorithm() =>
        Assert.That(() => TestAlgorithms.Create("auto", 4), Throws.TypeOf<ScheduleException>().With.Message.Contains("name one of ring"));

    [Test]
    public void No_ranks_are_refused([Values("ring", "recursive-doubling", "hierarchy:direct+ring")] string name) =>
        Assert.That(() => TestAlgorithms.Create(name, 0), Throws.TypeOf<ScheduleException>().With.Message.Contains("at least one rank, not 0"));

    [Test]
    public void What_needs_a_scratch_buffer_for_every_peer_ends_at_256_ranks([Values("direct", "one-shot")] string name)
    {
        Assert.That(() => TestAlgorithms.Create(name, 256).Program(255), Throws.Nothing);
        Assert.That(() => TestAlgorithms.Create(name, 257), Throws.TypeOf<ScheduleException>().With.Message.EqualTo(
            $"Algorithm '{name}' cannot be used for allreduce on 257 ranks: it receives from all ranks side by side, which goes up to 256 ranks."));
    }

    [Test]
    public void Auto_takes_few_steps_for_short_buffers_and_little_traffic_for_long_ones([Values(4, 6, 16, 64, 100)] int ranks)
    {
        Assert.That(AlgorithmCatalog.Choose(new(CollectiveKind.AllReduce, ranks), 8, CostModel.Default).Name, Is.EqualTo("recursive-doubling"));
        bool powerOfTwo = System.Numerics.BitOperations.IsPow2(ranks);
        Assert.That(AlgorithmCatalog.Choose(new(CollectiveKind.AllReduce, ranks), 1L << 30, CostModel.Default).Name, Is.EqualTo(powerOfTwo ? "halving-doubling" : "ring"));
    }

    [TestCase(CollectiveKind.AllGather, 6, 600, "bruck")]
    [TestCase(CollectiveKind.AllGather, 8, 8000, "recursive-doubling")]
    [TestCase(CollectiveKind.Broadcast, 16, 100, "binomial")]
    [TestCase(CollectiveKind.Broadcast, 4, 1L << 30, "chain")]
    [TestCase(CollectiveKind.Reduce, 16, 100, "binomial")]
    [TestCase(CollectiveKind.ReduceScatter, 7, 70_000_000, "ring")]
    [TestCase(CollectiveKind.Barrier, 13, 1, "dissemination")]
    [TestCase(CollectiveKind.Gather, 16, 1600, "binomial")]
    public void Auto_knows_every_collective(CollectiveKind collective, int ranks, long bytes, string name) =>
        Assert.That(AlgorithmCatalog.Choose(new(collective, ranks), bytes, CostModel.Default).Name, Is.EqualTo(name));

    [Test]
    public void Auto_takes_hierarchies_only_where_there_are_several_nodes([ValueSource(nameof(Collectives))] CollectiveKind collective)
    {
        foreach (long bytes in (long[])[1, 1000, 100_000, 10_000_000, 1_000_000_000])
        {
            foreach (NodeMap? nodes in (NodeMap?[])[null, NodeMap.Single(64)])
                Assert.That(AlgorithmCatalog.Choose(new(collective, 64) { Nodes = nodes }, bytes, CostModel.Default).IsForNodes, Is.False, $"{bytes} bytes");
        }
    }

    [Test]
    public void Auto_takes_a_hierarchy_where_a_ring_over_all_ranks_is_too_long()
    {
        var spec = new ScheduleSpec(CollectiveKind.AllReduce, 100) { Nodes = NodeMap.Blocks(100, 10) };
        Assert.That(AlgorithmCatalog.Choose(spec, 10_000_000, CostModel.Default).Name, Does.StartWith("hierarchy:"));
    }

    [Test]
    public void A_choice_allocates_nothing_when_it_is_made_again([ValueSource(nameof(Collectives))] CollectiveKind collective)
    {
        var spec = new ScheduleSpec(collective, 300) { Nodes = NodeMap.Blocks(300, 8) };
        AlgorithmCatalog.Choose(spec, 1000, CostModel.Default);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            AlgorithmCatalog.Choose(spec, 1000, CostModel.Default);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}

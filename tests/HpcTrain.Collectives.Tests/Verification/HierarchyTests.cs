namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>Hierarchies over equal, unequal and interleaved nodes: proved, and their traffic between nodes counted.</summary>
[TestFixture]
public sealed class HierarchyTests
{
    private static readonly NodeMap[] s_maps =
    [
        Map("1x1"), Map("1x2"), Map("1x5"), Map("2x1"), Map("5x1"), Map("2x2"), Map("2x3"), Map("3x2"), Map("2x4"), Map("4x2"), Map("3x3"), Map("3x5"), Map("4x4"),
        Map("2x8"), Map("6x2"), Map("1,2"), Map("2,1"), Map("4,4,2"), Map("1,3,2,5"), Map("7,1,1"), Map("3,3,3,2"),
        Map("/0,1,0,1"), Map("/0,1,0,1,0,1,0,1"), Map("/0,1,1,2,0,2"), Map("/0,1,1,2,0,2,1"), Map("/3,3,0,1,0,1,1,3,0,0,2"),
    ];

    public static IEnumerable<CollectiveKind> Collectives => Enum.GetValues<CollectiveKind>().Where(kind => kind != CollectiveKind.AllToAll);

    [Test]
    public void Every_pair_of_algorithms_makes_a_correct_hierarchy([ValueSource(nameof(Collectives))] CollectiveKind collective)
    {
        int correct = 0;
        foreach (string name in from inner in PlainNames(AlgorithmCatalog.All) from outer in PlainNames(AlgorithmCatalog.Of(collective)) select $"hierarchy:{inner}+{outer}")
        {
            // Whether an algorithm can be an inner level at all is known without a node map.
            Algorithm? hierarchy = FindOrNull(collective, name);
            foreach (NodeMap nodes in hierarchy == null ? [] : s_maps)
                correct += VerifyRoots(hierarchy!, nodes);
        }

        Assert.That(correct, Is.GreaterThan(100));
    }

    [TestCase("hierarchy:direct+direct+ring")]
    [TestCase("hierarchy:ring+direct+halving-doubling-blocks")]
    [TestCase("hierarchy:binomial@2+direct+ring")]
    [TestCase("hierarchy:direct@2+double-binary-tree+one-shot")]
    [TestCase("hierarchy:one-shot+recursive-doubling@2+tree")]
    [TestCase("hierarchy:direct+binomial@2+bidirectional-ring")]
    [TestCase("hierarchy:direct@2+direct+direct+ring")]
    public void Three_levels_and_more_are_correct(string name)
    {
        int correct = s_maps.Sum(nodes => VerifyRoots(AlgorithmCatalog.Find(CollectiveKind.AllReduce, name)!, nodes));
        Assert.That(correct, Is.GreaterThan(10));
    }

    [Test]
    public void Three_levels_are_correct_for_every_collective([ValueSource(nameof(Collectives))] CollectiveKind collective)
    {
        string level = collective == CollectiveKind.Barrier ? "tree" : "direct";
        foreach (string name in (string[])[$"hierarchy:{level}+{level}+{level}", $"hierarchy:{level}@2+{level}@2+{level}"])
            Assert.That(s_maps.Sum(nodes => VerifyRoots(AlgorithmCatalog.Find(collective, name)!, nodes)), Is.GreaterThanOrEqualTo(s_maps.Length));
    }

    [TestCase("2x4")]
    [TestCase("4x4")]
    [TestCase("5x3")]
    [TestCase("/0,1,0,1,0,1,0,1")]
    public void Every_rank_of_a_node_sends_its_share_to_other_nodes(string map)
    {
        // 2(N-1)/N of the node's data, in s equal parts; as many messages as a ring of N.
        NodeMap nodes = Map(map);
        Schedule schedule = Create(CollectiveKind.AllReduce, "hierarchy:direct+ring", nodes);
        double share = 2.0 * (nodes.Nodes - 1) / nodes.Nodes / nodes.RanksPerNode;
        for (int rank = 0; rank < nodes.Ranks; rank++)
            Assert.That(SentAbroad(schedule, nodes, rank), Is.EqualTo(share).Within(1e-9), $"rank {rank}");
        Assert.That(ScheduleVerifier.Verify(schedule).Steps, Is.EqualTo(2 + (2 * (nodes.Nodes - 1))));
    }

    [TestCase("4,4,2")]
    [TestCase("/0,1,1,2,0,2,1")]
    public void Only_the_leaders_of_unequal_nodes_send_to_others(string map)
    {
        NodeMap nodes = Map(map);
        Schedule schedule = Create(CollectiveKind.AllReduce, "hierarchy:direct+ring", nodes);
        for (int rank = 0; rank < nodes.Ranks; rank++)
        {
            double expected = nodes.LocalRankOf(rank) == 0 ? 2.0 * (nodes.Nodes - 1) / nodes.Nodes : 0;
            Assert.That(SentAbroad(schedule, nodes, rank), Is.EqualTo(expected).Within(1e-9), $"rank {rank}");
        }
    }

    [Test]
    public void Blocks_go_to_other_nodes_once([Values("2x4", "4,4,2", "/0,1,1,2,0,2,1")] string map)
    {
        // Each node's blocks reach each other node once, whatever the sizes.
        NodeMap nodes = Map(map);
        foreach ((CollectiveKind collective, string name) in ((CollectiveKind, string)[])[
            (CollectiveKind.AllGather, "hierarchy:direct+ring"), (CollectiveKind.ReduceScatter, "hierarchy:direct+ring")])
        {
            Schedule schedule = Create(collective, name, nodes);
            Assert.That(Enumerable.Range(0, nodes.Ranks).Sum(rank => SentAbroad(schedule, nodes, rank)), Is.EqualTo(nodes.Nodes - 1).Within(1e-9), name);
        }
    }

    [Test]
    public void Groups_inside_nodes_and_groups_of_nodes_are_found()
    {
        // Two nodes of 8: groups of 4 inside a node, then the two groups of a node, then the nodes.
        NodeMap nodes = Map("2x8");
        Schedule schedule = Create(CollectiveKind.AllReduce, "hierarchy:direct@4+direct+direct", nodes);
        for (int rank = 0; rank < 16; rank++)
            Assert.That(SentAbroad(schedule, nodes, rank), Is.EqualTo(1.0 / 8).Within(1e-9), "half of an eighth each way");

        // Nodes of 2 in groups of 4 nodes: a ring of two groups.
        nodes = Map("8x2");
        schedule = Create(CollectiveKind.AllReduce, "hierarchy:direct+direct@4+direct", nodes);
        NodeMap racks = NodeMap.Blocks(16, 8);
        for (int rank = 0; rank < 16; rank++)
            Assert.That(SentAbroad(schedule, racks, rank), Is.EqualTo(1.0 / 8).Within(1e-9), "half of an eighth each way");
    }

    [Test]
    public void Without_sizes_the_middle_level_makes_a_square_of_nodes() =>
        Assert.That(ScheduleVerifier.Verify(Create(CollectiveKind.AllReduce, "hierarchy:direct+ring+ring", Map("16x1"))).Steps, Is.EqualTo(12), "2 x 3 in a row and 2 x 3 in a column");

    [Test]
    public void Phases_overlap()
    {
        // A rank waits for the chunks that it needs next, not for the whole phase: its first send to another node needs only its own chunk from inside.
        Schedule schedule = Create(CollectiveKind.AllReduce, "hierarchy:ring+chain", Map("2x4"));
        VerificationReport report = ScheduleVerifier.Verify(schedule);
        Assert.That(report.PathShare, Is.LessThan(2 * 0.75 + 2 * 0.25 + 1e-9));
        RankProgram program = schedule.Program(0);
        Lane across = program.Lanes.Single(lane => lane.Instructions.Any(instruction => instruction is { Operation: Operation.RecvReduce, Peer: 4 }));
        Assert.That(across.After(0).Length, Is.EqualTo(1), "the last step of the ring inside the node, which implies the others");
    }

    [Test]
    public void What_cannot_be_an_inner_level_says_what_can() =>
        Assert.That(() => Create(CollectiveKind.AllReduce, "hierarchy:ring+ring", Map("4,4,2")), Throws.TypeOf<ScheduleException>().With.Message.EqualTo(
            "Algorithm 'hierarchy:ring+ring' cannot be used for allreduce on 10 ranks: 'ring' cannot work inside groups of different size; "
            + "direct, tree, k-nomial, chain, double-binary-tree, binomial can."));

    [Test]
    public void A_part_with_too_many_ranks_is_named() =>
        Assert.That(() => Create(CollectiveKind.AllReduce, "hierarchy:direct+ring", NodeMap.Blocks(600, 300)), Throws.TypeOf<ScheduleException>().With.Message.EqualTo(
            "Algorithm 'hierarchy:direct+ring' cannot be used for allreduce on 600 ranks: its part 'direct' cannot be used on 300 ranks: "
            + "it receives from all ranks side by side, which goes up to 256 ranks."));

    [Test]
    public void A_thousand_ranks_are_verified() =>
        Assert.That(ScheduleVerifier.Verify(Create(CollectiveKind.AllReduce, "hierarchy:direct+ring", NodeMap.Blocks(1024, 32))).Steps, Is.EqualTo(64));

    /// <summary>What a rank sends to other nodes, as a share of the buffer.</summary>
    private static double SentAbroad(Schedule schedule, NodeMap nodes, int rank)
    {
        long weight = 0;
        foreach (Instruction send in schedule.Program(rank).Lanes.SelectMany(lane => lane.Instructions).Where(instruction => instruction.Operation == Operation.Send))
        {
            if (nodes.NodeOf(send.Peer) != nodes.NodeOf(rank))
                weight += Enumerable.Range(send.Chunks.First, send.Chunks.Count).Sum(c => schedule.Chunks[c].Weight);
        }

        return (double)weight / schedule.Chunks.Sum(chunk => chunk.Weight);
    }

    /// <summary>How many roots the hierarchy was verified for; 0 when it cannot be used.</summary>
    private static int VerifyRoots(Algorithm hierarchy, NodeMap nodes)
    {
        int verified = 0;
        foreach (int root in TestAlgorithms.Roots(hierarchy.Collective, nodes.Ranks))
        {
            var spec = new ScheduleSpec(hierarchy.Collective, nodes.Ranks) { Root = root, Nodes = nodes };
            if (hierarchy.Unusable(spec) != null)
                continue;
            string what = $"{hierarchy.Collective.Name()} {hierarchy.Name} on {nodes}, root {root}";
            VerificationReport report = default;
            Assert.That(() => report = ScheduleVerifier.Verify(hierarchy.Create(spec)), Throws.Nothing, what);
            verified++;

            // With blocks, closed forms are less exact: they know neither blocks of different length nor blocks that are no neighbours.
            if (hierarchy.Collective.HasOwners())
                continue;
            double sent = hierarchy.Collective == CollectiveKind.Barrier ? 0 : report.SentShare;
            Assert.That(hierarchy.Seconds(spec, 720_720, new(1, 0, 0)), Is.GreaterThanOrEqualTo(report.Steps), $"messages of {what}");
            Assert.That(hierarchy.Seconds(spec, 720_720, new(0, 1, 0)) / 720_720, Is.GreaterThanOrEqualTo(sent - 1e-4), $"bytes of {what}");
        }

        return verified;
    }

    private static Algorithm? FindOrNull(CollectiveKind collective, string name)
    {
        try
        {
            return AlgorithmCatalog.Find(collective, name);
        }
        catch (ScheduleException)
        {
            return null;
        }
    }

    private static IEnumerable<string> PlainNames(IEnumerable<Algorithm> algorithms) =>
        algorithms.Where(algorithm => !algorithm.IsForNodes).Select(algorithm => algorithm.Name).Distinct();

    private static Schedule Create(CollectiveKind collective, string name, NodeMap nodes) =>
        AlgorithmCatalog.Create(name, new(collective, nodes.Ranks) { Nodes = nodes });

    private static NodeMap Map(string text)
    {
        string[] numbers = text.TrimStart('/').Split('x', ',');
        if (text.StartsWith('/'))
            return NodeMap.Parse(text, numbers.Length);
        bool isProduct = text.Contains('x', StringComparison.Ordinal);
        return NodeMap.Parse(text, isProduct ? int.Parse(numbers[0]) * int.Parse(numbers[1]) : numbers.Sum(int.Parse));
    }
}

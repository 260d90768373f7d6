namespace HpcTrain.Topology.Tests;

/// <summary>What the inference makes of measurements of known graphs.</summary>
internal sealed class LinkInferenceTests
{
    private const double Tolerance = 0.07;

    private static readonly int[] s_seeds = [1, 2, 3, 4, 5];

    [Test]
    public void Equal_links_between_all_stay_links_of_their_own_with_one_number([Values(2, 3, 4, 7, 8, 16)] int ranks, [ValueSource(nameof(s_seeds))] int seed)
    {
        LinkGraph found = new SyntheticProbe(BuiltInTopologies.Create($"full:n={ranks},latency_us=5"), seed: seed).Infer().Graph;
        Assert.That((found.Ranks, found.Nodes.Length, found.Links.Length), Is.EqualTo((ranks, ranks, ranks * (ranks - 1))));
        AssertOneRate(found.Links, 12.5);
        Assert.That(found.Links.Select(link => link.LatencySeconds).Distinct().Single(), Is.EqualTo(5e-6).Within(5).Percent);
    }

    [Test]
    public void A_switch_between_nodes_is_found_with_equal_ports([Values(3, 5, 8, 12)] int ranks, [ValueSource(nameof(s_seeds))] int seed)
    {
        LinkGraph found = new SyntheticProbe(Star([.. Enumerable.Repeat((Rational)12, ranks)]), seed: seed).Infer().Graph;
        Assert.That(GraphFacts.Names(found, NodeKind.Switch), Is.EqualTo(new[] { "switch" }));
        Assert.That((found.Nodes.Length, found.Links.Length), Is.EqualTo((ranks + 1, 2 * ranks)));
        AssertOneRate(found.Links, 12);
    }

    [Test]
    public void A_slow_node_is_a_slow_port([ValueSource(nameof(s_seeds))] int seed)
    {
        LinkGraph found = new SyntheticProbe(Star([12, 12, 12, 5]), seed: seed).Infer().Graph;
        Assert.That(found.Links, Has.Length.EqualTo(8));
        AssertOneRate(found.Links.Where(link => link.From == 3 || link.To == 3), 5);
        AssertOneRate(found.Links.Where(link => link.From != 3 && link.To != 3), 12);
    }

    [Test]
    public void Boxes_that_share_a_nic_have_one([Values(2, 3)] int boxes, [Values(2, 4)] int perBox, [ValueSource(nameof(s_seeds))] int seed)
    {
        InferredLinks links = new SyntheticProbe(Boxes(boxes, perBox, nicsPerBox: 1), seed: seed).Infer();
        LinkGraph found = links.Graph;
        string because = string.Join('\n', links.Findings);
        Assert.That(GraphFacts.Names(found, NodeKind.Nic), Is.EqualTo(Enumerable.Range(0, boxes).Select(box => $"node{box}.nic")), because);
        int center = found.Find("switch");
        AssertOneRate(found.Links.Where(link => link.From == center || link.To == center), 10);
        Assert.That(found.LinksFrom(center), Has.Length.EqualTo(boxes), because);
        AssertOneRate(found.Links.Where(link => link.From < found.Ranks && link.To < found.Ranks), 60);
        Assert.That(found.Links.Count(link => link.From < found.Ranks && link.To < found.Ranks), Is.EqualTo(boxes * perBox * (perBox - 1)), because);
        Assert.That(Enumerable.Range(found.Ranks, found.Nodes.Length - found.Ranks), Has.All.Matches<int>(node =>
            GraphFacts.Out(found, found.Nodes[node].Name) == found.LinksTo(node).Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth)), "in and out are equal");
        Assert.That(links.Findings, Has.Some.Contains("node0: ranks 0, 1").And.Some.Contains("share a NIC of"));
    }

    [Test]
    public void Sharing_is_found_among_many_ranks_of_which_few_pairs_are_measured_alone()
    {
        LinkGraph found = new SyntheticProbe(Boxes(6, 8, nicsPerBox: 1)).Infer().Graph;
        Assert.That(GraphFacts.Names(found, NodeKind.Nic), Has.Length.EqualTo(6));
        AssertOneRate(found.LinksTo(found.Find("switch")), 10);
        AssertOneRate(found.Links.Where(link => link.From < found.Ranks && link.To < found.Ranks), 60);
    }

    [Test]
    public void Ranks_with_a_nic_each_share_none([ValueSource(nameof(s_seeds))] int seed)
    {
        LinkGraph found = new SyntheticProbe(Boxes(2, 4, nicsPerBox: 4), seed: seed).Infer().Graph;
        Assert.That(GraphFacts.Names(found, NodeKind.Nic), Is.Empty);
        AssertOneRate(found.LinksFrom(found.Find("switch")), 10);
        Assert.That(found.LinksFrom(found.Find("switch")), Has.Length.EqualTo(8));
    }

    [Test]
    public void One_slow_link_among_fast_ones_is_slow_alone([Values(4, 6, 8)] int ranks, [ValueSource(nameof(s_seeds))] int seed)
    {
        LinkGraph full = BuiltInTopologies.Create($"full:n={ranks},bandwidth=25");
        var slow = new LinkGraph("slow", full.Nodes, full.Links.Select(link => link with { Bandwidth = IsSlow(link) ? 4 : 25 }));
        LinkGraph found = new SyntheticProbe(slow, seed: seed).Infer().Graph;
        Assert.That((found.Nodes.Length, found.Links.Length), Is.EqualTo((ranks, ranks * (ranks - 1))));
        AssertOneRate(found.Links.Where(IsSlow), 4);
        AssertOneRate(found.Links.Where(link => !IsSlow(link)), 25);

        static bool IsSlow(Link link) => (Math.Min(link.From, link.To), Math.Max(link.From, link.To)) == (1, 3);
    }

    [Test]
    public void Neighbours_of_a_ring_have_links_and_the_others_share_ports([Values(5, 6, 8)] int ranks, [ValueSource(nameof(s_seeds))] int seed)
    {
        LinkGraph found = new SyntheticProbe(RingOver(ranks, Star([.. Enumerable.Repeat((Rational)4, ranks)])), seed: seed).Infer().Graph;
        AssertOneRate(found.Links.Where(link => link.From < ranks && link.To < ranks), 25);
        Assert.That(found.Links.Where(link => link.From < ranks && link.To < ranks).Select(link => (link.To - link.From + ranks) % ranks), Has.All.AnyOf(1, ranks - 1));
        AssertOneRate(found.LinksFrom(found.Find("switch")), 4);
        Assert.That((found.LinksFrom(found.Find("switch")).Length, found.Links.Length), Is.EqualTo((ranks, 4 * ranks)));
    }

    [Test]
    public void Pairs_over_one_bus_get_what_sharing_leaves([ValueSource(nameof(s_seeds))] int seed)
    {
        // Both pairs of opposite ranks cross the same 8 GB/s: four streams have 2 GB/s each, where a pair alone has 4 each way.
        LinkNode[] nodes = [.. Ranks(4), new(NodeKind.Switch, "in", -1), new(NodeKind.Switch, "out", -1)];
        var bus = new LinkGraph("bus", nodes, [.. Enumerable.Range(0, 4).SelectMany(rank => new Link[] { new(rank, 4, 100), new(5, rank, 100) }), new(4, 5, 8)]);
        LinkGraph found = new SyntheticProbe(RingOver(4, bus), seed: seed).Infer().Graph;
        AssertOneRate(found.Links.Where(link => link.From < 4 && link.To < 4), 25);
        AssertOneRate(found.LinksFrom(found.Find("switch")), 2);
    }

    [Test]
    public void Directions_of_links_of_their_own_are_told_apart()
    {
        Link[] links = [new(0, 1, 20), new(1, 0, 10), new(0, 2, 20), new(2, 0, 20), new(1, 2, 20), new(2, 1, 20)];
        LinkGraph found = new SyntheticProbe(new("uneven", Ranks(3), links)).Infer().Graph;
        AssertOneRate([found.LinkBetween(1, 0)!], 10);
        AssertOneRate(found.Links.Where(link => (link.From, link.To) != (1, 0)), 20);
    }

    [Test]
    public void What_was_not_measured_alone_is_like_what_was()
    {
        ProbeMeasurements all = new SyntheticProbe(Boxes(2, 4, nicsPerBox: 1)).Run();
        var some = all with { Observations = [.. all.Observations.Where((each, index) => each.Round.Phase != ProbePhase.Alone || index % 4 == 0)] };
        InferredLinks links = LinkInference.Infer(some, "some");
        Assert.That(GraphFacts.Names(links.Graph, NodeKind.Nic), Is.EqualTo(new[] { "node0.nic", "node1.nic" }));
        for (int rank = 4; rank < 8; rank++)
            Assert.That(links.Alone[0, rank], Is.EqualTo(10).Within(Tolerance * 10), $"0 to {rank}");
    }

    [Test]
    public void A_sweep_alone_gives_a_connected_graph([Values(2, 5, 8)] int ranks)
    {
        ProbeMeasurements all = new SyntheticProbe(Star([.. Enumerable.Repeat((Rational)12, ranks)])).Run();
        LinkGraph found = LinkInference.Infer(all with { Observations = [.. all.Observations.Where(each => each.Round.Phase == ProbePhase.Sweep)] }, "sweep").Graph;
        Assert.That((found.Ranks, GraphFacts.IsConnected(found)), Is.EqualTo((ranks, true)));
    }

    [Test]
    public void The_graph_reads_back_from_its_file()
    {
        LinkGraph found = new SyntheticProbe(Boxes(2, 2, nicsPerBox: 1)).Infer().Graph;
        GraphFacts.AssertSame(LinkGraphJson.Read(LinkGraphJson.Write(found), "probed.json"), found);
    }

    private static void AssertOneRate(IEnumerable<Link> links, double rate)
    {
        Rational[] rates = [.. links.Select(link => link.Bandwidth).Distinct()];
        Assert.That(rates, Has.Length.EqualTo(1), string.Join(", ", rates));
        Assert.That((double)rates[0], Is.EqualTo(rate).Within(Tolerance * rate));
    }

    private static LinkNode[] Ranks(int count) => [.. Enumerable.Range(0, count).Select(rank => new LinkNode(NodeKind.Rank, $"rank{rank}", rank))];

    private static LinkGraph Star(Rational[] ports) => new(
        "star",
        [.. Ranks(ports.Length), new(NodeKind.Switch, "middle", -1)],
        ports.SelectMany((port, rank) => new Link[] { new(rank, ports.Length, port, 2e-6), new(ports.Length, rank, port, 2e-6) }));

    private static LinkGraph RingOver(int ranks, LinkGraph other) => new(
        "ring over",
        other.Nodes,
        [.. other.Links, .. Enumerable.Range(0, ranks).SelectMany(rank => new Link[] { new(rank, (rank + 1) % ranks, 25), new((rank + 1) % ranks, rank, 25) })]);

    /// <summary>Boxes of ranks that have 60 GB/s to each other and reach a switch over NICs of 10 GB/s.</summary>
    private static LinkGraph Boxes(int boxes, int perBox, int nicsPerBox)
    {
        var links = new List<Link>();
        int ranks = boxes * perBox, middle = ranks + (boxes * nicsPerBox);
        void Connect(int a, int b, Rational rate) => links.AddRange([new(a, b, rate, 1e-6), new(b, a, rate, 1e-6)]);
        for (int rank = 0; rank < ranks; rank++)
        {
            for (int other = rank + 1; other < ranks && other / perBox == rank / perBox; other++)
                Connect(rank, other, 60);
            Connect(rank, ranks + (rank / perBox * nicsPerBox) + (rank % nicsPerBox), 32);
        }

        for (int nic = ranks; nic < middle; nic++)
            Connect(nic, middle, 10);
        LinkNode[] nodes =
        [
            .. Enumerable.Range(0, ranks).Select(rank => new LinkNode(NodeKind.Rank, $"rank{rank}", rank / perBox)),
            .. Enumerable.Range(0, middle - ranks).Select(nic => new LinkNode(NodeKind.Nic, $"nic{nic}", nic / nicsPerBox)),
            new(NodeKind.Switch, "leaf", -1),
        ];
        return new("boxes", nodes, links);
    }
}

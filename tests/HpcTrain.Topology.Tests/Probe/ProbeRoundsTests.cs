namespace HpcTrain.Topology.Tests;

internal sealed class ProbeRoundsTests
{
    [Test]
    public void A_sweep_has_every_pair_once_in_rounds_of_disjoint_pairs([Range(2, 33)] int ranks)
    {
        IReadOnlyList<ProbeRound> rounds = ProbeRounds.Sweep(ranks);
        Assert.That(rounds, Has.Count.EqualTo(ranks % 2 == 0 ? ranks - 1 : ranks));
        Assert.That(rounds.SelectMany(round => round.Streams).Order(Comparer<ProbeStream>.Create((a, b) => (a.From, a.To).CompareTo((b.From, b.To)))), Is.EqualTo(AllStreams(ranks)));
        foreach (ProbeRound round in rounds)
        {
            Assert.That(round.Streams.Select(stream => stream.From), Is.Unique);
            Assert.That(round.Streams, Has.Length.EqualTo(ranks / 2 * 2));
            AssertExchanges(round);
        }
    }

    [Test]
    public void Few_pairs_are_all_measured_alone([Range(2, 11)] int ranks) =>
        Assert.That(ProbeRounds.Alone(ranks).SelectMany(round => round.Streams), Is.EquivalentTo(AllStreams(ranks)));

    [Test]
    public void Of_many_pairs_n_log_n_are_measured_alone_and_connect_all_ranks([Values(12, 13, 16, 31, 64, 100, 1024)] int ranks)
    {
        IReadOnlyList<ProbeRound> rounds = ProbeRounds.Alone(ranks);
        Assert.That(rounds, Has.Count.LessThanOrEqualTo(ranks * Math.Ceiling(Math.Log2(ranks))));
        Assert.That(rounds.SelectMany(round => round.Streams), Is.Unique);
        Assert.That(rounds, Has.All.Matches<ProbeRound>(round => round.Streams.Length == 2));
        var graph = new LinkGraph("alone", BuiltInTopologies.Create($"ring:n={ranks}").Nodes, rounds.SelectMany(round => round.Streams).Select(stream => new Link(stream.From, stream.To, 1)));
        Assert.That(GraphFacts.IsConnected(graph), Is.True);
    }

    [Test]
    public void Fans_are_of_each_rank_with_peers_of_its_node_and_of_others([Values(1, 2, 3, 8)] int perNode, [Values(1, 2, 5)] int nodes)
    {
        int ranks = perNode * nodes;
        IReadOnlyList<ProbeRound> rounds = ProbeRounds.Fans([.. Enumerable.Range(0, ranks).Select(rank => rank / perNode)], stream => stream.To + 1);
        Assert.That(rounds, Has.Count.EqualTo((perNode > 2 ? ranks : 0) + (ranks - perNode > 1 ? ranks : 0)));
        foreach (ProbeRound round in rounds)
        {
            int center = round.Streams[0].From;
            int[] peers = [.. round.Streams.Where(stream => stream.From == center).Select(stream => stream.To)];
            Assert.That(peers, Has.Length.InRange(2, ProbeRounds.MostFanPeers).And.Unique);
            Assert.That(peers.Select(peer => peer / perNode == center / perNode).Distinct().Count(), Is.EqualTo(1));
            AssertExchanges(round);
        }
    }

    [Test]
    public void A_fan_has_the_fastest_and_the_slowest_peers()
    {
        ProbeRound fan = ProbeRounds.Fans([.. Enumerable.Range(0, 20)], stream => 100 - stream.To)[0];
        Assert.That(fan.Streams.Where(stream => stream.From == 0).Select(stream => stream.To), Is.EquivalentTo(new[] { 1, 2, 3, 4, 16, 17, 18, 19 }));
    }

    private static void AssertExchanges(ProbeRound round) =>
        Assert.That(round.Streams.Select(stream => new ProbeStream(stream.To, stream.From)), Is.EquivalentTo(round.Streams));

    private static IEnumerable<ProbeStream> AllStreams(int ranks) =>
        from a in Enumerable.Range(0, ranks) from b in Enumerable.Range(0, ranks) where a != b select new ProbeStream(a, b);
}

namespace HpcTrain.Topology.Tests;

/// <summary>What tests ask of link graphs.</summary>
internal static class GraphFacts
{
    public static bool IsSymmetric(LinkGraph graph) =>
        graph.Links.All(link => graph.LinkBetween(link.To, link.From) is { } back && back.Bandwidth == link.Bandwidth && back.LatencySeconds == link.LatencySeconds);

    public static bool IsConnected(LinkGraph graph) => graph.UnreachableFrom(0).Count == 0;

    /// <summary>The links between two nodes named by their names, as <c>gpu0-gpu1 25 NV1</c>; both directions must be alike.</summary>
    public static string[] Pairs(LinkGraph graph)
    {
        Assert.That(IsSymmetric(graph), Is.True, "not symmetric");
        return [.. graph.Links.Where(link => link.From < link.To)
            .Select(link => $"{graph.Nodes[link.From].Name}-{graph.Nodes[link.To].Name} {link.Bandwidth} {link.Name}".TrimEnd())];
    }

    public static string[] Names(LinkGraph graph, NodeKind kind) => [.. graph.Nodes.Where(node => node.Kind == kind).Select(node => node.Name)];

    public static Rational Out(LinkGraph graph, string node) => graph.LinksFrom(graph.Find(node)).Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth);

    /// <summary>
    /// The best rate of an allgather by its definition: n times the least bandwidth that leaves a set of nodes, per rank in it. Every set of ranks is tried that leaves
    /// one out; a switch is in the set or not, whichever lets less out. For graphs of few ranks and at most one switch.
    /// </summary>
    public static Rational BestAllGather(LinkGraph graph)
    {
        int transit = graph.Nodes.Length - graph.Ranks;
        Assert.That(transit, Is.LessThan(2));
        (int From, int To, long Rate)[] links = [.. graph.Links.Select(link => (link.From, link.To, (long)link.Bandwidth.Numerator))];
        Assert.That(graph.Links.All(link => link.Bandwidth.IsInteger), Is.True);
        (long Rate, long Ranks) least = (long.MaxValue / 64, 1);
        for (uint set = 1; set < 1u << graph.Nodes.Length; set++)
        {
            uint ranks = set & ((1u << graph.Ranks) - 1);
            int count = System.Numerics.BitOperations.PopCount(ranks);
            if (count == 0 || count == graph.Ranks)
                continue;
            long leaving = 0;
            foreach ((int from, int to, long rate) in links)
                leaving += (set >> from & 1) != 0 && (set >> to & 1) == 0 ? rate : 0;
            if (leaving * least.Ranks < least.Rate * count)
                least = (leaving, count);
        }

        return new Rational(least.Rate * graph.Ranks, least.Ranks);
    }

    /// <summary>Two graphs are the same when all they say is; arrays compare by what is in them.</summary>
    public static void AssertSame(LinkGraph actual, LinkGraph expected)
    {
        Assert.That(actual.Name, Is.EqualTo(expected.Name));
        Assert.That(actual.Nodes, Is.EqualTo(expected.Nodes));
        Assert.That(actual.Links, Is.EqualTo(expected.Links));
        Assert.That(actual.Fingerprint, Is.EqualTo(expected.Fingerprint));
    }
}

using System.Globalization;

namespace HpcTrain.Topology.Tests;

/// <summary>The graphs that planners are tested on.</summary>
internal static class Graphs
{
    private const string HybridCubeMesh = "0-1:1 0-2:1 0-3:2 0-4:2 1-2:2 1-3:1 1-5:2 2-3:2 2-6:1 3-7:1 4-5:1 4-6:1 4-7:2 5-6:2 5-7:1 6-7:2";

    /// <summary>Ranks and links that go both ways: <c>0-1:2 1-2:1/2</c>; or one way: <c>0>1:2</c>.</summary>
    public static LinkGraph Of(int ranks, string links, string name = "test") =>
        new(name, Ranks(ranks), links.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(Parse));

    public static LinkGraph Dgx1V(Rational? link = null) => Scale(Of(8, HybridCubeMesh, "dgx1v"), link ?? 1);

    public static LinkGraph Dgx1P() => Of(8, HybridCubeMesh.Replace(":2", ":1", StringComparison.Ordinal), "dgx1p");

    /// <summary>Boxes of ranks that all have a link to their box's switch and, with more than one box, to one network switch.</summary>
    public static LinkGraph Boxes(int boxes, int ranksPerBox, Rational inside, Rational outside)
    {
        int ranks = boxes * ranksPerBox;
        IEnumerable<LinkNode> nodes = Enumerable.Range(0, ranks).Select(rank => new LinkNode(NodeKind.Rank, $"gpu{rank}", rank / ranksPerBox))
            .Concat(Enumerable.Range(0, boxes).Select(box => new LinkNode(NodeKind.Switch, $"nvswitch{box}", box)))
            .Concat(boxes > 1 ? [new LinkNode(NodeKind.Switch, "network", -1)] : []);
        IEnumerable<Link> links = Enumerable.Range(0, ranks).SelectMany(rank =>
            Both(rank, ranks + (rank / ranksPerBox), inside).Concat(boxes > 1 ? Both(rank, ranks + boxes, outside) : []));
        return new("boxes", nodes, links);
    }

    /// <summary>A fat tree of switches with k ports, k * k * k / 4 ranks below it, and links of bandwidth 1.</summary>
    public static LinkGraph FatTree(int k)
    {
        int half = k / 2, ranks = k * half * half, leaf = ranks, middle = leaf + (k * half), top = middle + (k * half);
        IEnumerable<LinkNode> nodes = Ranks(ranks).Concat(Enumerable.Range(0, top + (half * half) - ranks).Select(i => new LinkNode(NodeKind.Switch, $"switch{i}", -1)));
        IEnumerable<(int Below, int Above)> links = Enumerable.Range(0, ranks).Select(rank => (rank, leaf + (rank / half)))
            .Concat(from i in Enumerable.Range(0, k * half) from j in Enumerable.Range(0, half) select (leaf + i, middle + (i / half * half) + j))
            .Concat(from i in Enumerable.Range(0, k * half) from j in Enumerable.Range(0, half) select (middle + i, top + (i % half * half) + j));
        return new("fattree", nodes, links.SelectMany(link => Both(link.Below, link.Above, 1)));
    }

    /// <summary>Links at random between ranks, one way each, over a ring that keeps it connected.</summary>
    public static LinkGraph RandomOneWay(int seed, int ranks)
    {
        var random = new Random(seed);
        return new($"random{seed}", Ranks(ranks),
            from a in Enumerable.Range(0, ranks)
            from b in Enumerable.Range(0, ranks)
            where a != b && (b == (a + 1) % ranks || random.Next(3) == 0)
            select new Link(a, b, new(random.Next(1, 7), random.Next(1, 3))));
    }

    /// <summary>Links at random between ranks, both ways alike, over a path that keeps it connected.</summary>
    public static LinkGraph RandomTwoWay(int seed, int ranks)
    {
        var random = new Random(seed);
        return new($"random{seed}", Ranks(ranks), (
            from a in Enumerable.Range(0, ranks)
            from b in Enumerable.Range(0, ranks)
            where a < b && (b == a + 1 || random.Next(2) == 0)
            select Both(a, b, new Rational(random.Next(1, 7), random.Next(1, 3)))).SelectMany(link => link));
    }

    /// <summary>Ranks and switches joined at random: cycles of random capacity through all kinds of nodes, so that every switch has as much in as out.</summary>
    public static LinkGraph RandomSwitched(int seed, int ranks, int switches)
    {
        var random = new Random(seed);
        int nodes = ranks + switches;
        var capacity = new Dictionary<(int From, int To), Rational>();
        foreach (int cycle in Enumerable.Range(0, 3 + random.Next(3)))
        {
            int[] order = [.. Enumerable.Range(0, nodes)];
            random.Shuffle(order);
            int length = cycle == 0 ? nodes : random.Next(2, nodes + 1);
            Rational width = random.Next(1, 5);
            for (int i = 0; i < length; i++)
                capacity[(order[i], order[(i + 1) % length])] = capacity.GetValueOrDefault((order[i], order[(i + 1) % length])) + width;
        }

        return new(
            $"switched{seed}",
            Ranks(ranks).Concat(Enumerable.Range(0, switches).Select(i => new LinkNode(NodeKind.Switch, $"switch{i}"))),
            capacity.Select(pair => new Link(pair.Key.From, pair.Key.To, pair.Value)));
    }

    private static IEnumerable<LinkNode> Ranks(int count) => Enumerable.Range(0, count).Select(rank => new LinkNode(NodeKind.Rank, $"gpu{rank}"));

    private static Link[] Both(int a, int b, Rational bandwidth) => [new(a, b, bandwidth), new(b, a, bandwidth)];

    private static LinkGraph Scale(LinkGraph graph, Rational by) =>
        new(graph.Name, graph.Nodes, graph.Links.Select(link => link with { Bandwidth = link.Bandwidth * by }));

    private static Link[] Parse(string text)
    {
        string[] parts = text.Split(['-', '>', ':']);
        int from = int.Parse(parts[0], CultureInfo.InvariantCulture), to = int.Parse(parts[1], CultureInfo.InvariantCulture);
        Rational bandwidth = Rational.TryParse(parts[2], out Rational value) ? value : throw new FormatException(text);
        return text.Contains('>', StringComparison.Ordinal) ? [new(from, to, bandwidth)] : Both(from, to, bandwidth);
    }
}

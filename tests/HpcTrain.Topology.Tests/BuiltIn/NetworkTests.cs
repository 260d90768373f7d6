namespace HpcTrain.Topology.Tests.BuiltIn;

/// <summary>The built-in networks, for all small parameters.</summary>
[TestFixture]
public sealed class NetworkTests
{
    [Test]
    public void A_ring_links_neighbours([Range(1, 9)] int n)
    {
        LinkGraph graph = Proper($"ring:n={n}", n);
        Assert.That(graph.Links, Has.Length.EqualTo(n switch { 1 => 0, 2 => 2, _ => 2 * n }));
        for (int node = 0; node < n && n > 1; node++)
            Assert.That(graph.LinkBetween(node, (node + 1) % n), Is.Not.Null);
    }

    [Test]
    public void A_full_mesh_links_all([Range(1, 9)] int n) => Assert.That(Proper($"full:n={n}", n).Links, Has.Length.EqualTo(n * (n - 1)));

    [Test]
    public void A_torus_has_a_circle_or_a_line_along_every_dimension([Range(1, 4)] int x, [Range(1, 4)] int y, [Range(1, 3)] int z, [Values] bool wrap)
    {
        int[] sizes = [x, y, z];
        LinkGraph graph = Proper($"torus:dims={x}x{y}x{z},wrap={wrap}", x * y * z);
        for (int a = 0; a < graph.Ranks; a++)
        {
            for (int b = 0; b < graph.Ranks; b++)
            {
                int[] apart = [.. Coordinates(a).Zip(Coordinates(b), (i, j) => Math.Abs(i - j))];
                int[] off = [.. Enumerable.Range(0, 3).Where(dimension => apart[dimension] != 0)];
                bool near = off.Length == 1 && (apart[off[0]] == 1 || (wrap && apart[off[0]] == sizes[off[0]] - 1));
                Assert.That(graph.LinkBetween(a, b) != null, Is.EqualTo(near), $"{a} and {b}");
            }
        }

        int[] Coordinates(int node) => [node / (y * z), node / z % y, node % z];
    }

    [Test]
    public void A_hypercube_links_numbers_that_differ_in_one_bit([Range(0, 6)] int d)
    {
        LinkGraph graph = Proper($"hypercube:d={d}", 1 << d);
        Assert.That(graph.Links, Has.Length.EqualTo(d << d));
        Assert.That(graph.Links, Has.All.Matches<Link>(link => System.Numerics.BitOperations.IsPow2(link.From ^ link.To)));
    }

    [Test]
    public void A_fat_tree_has_switches_of_k_ports_and_full_rate_across_cuts([Values(2, 4, 6, 8)] int k)
    {
        LinkGraph graph = Proper($"fat-tree:k={k}", k * k * k / 4);
        Assert.That(GraphFacts.Names(graph, NodeKind.Switch), Has.Length.EqualTo(5 * k * k / 4));
        Assert.That(graph.Links, Has.Length.EqualTo(2 * 3 * k * k * k / 4));
        for (int node = 0; node < graph.Nodes.Length; node++)
            Assert.That(graph.LinksFrom(node), Has.Length.EqualTo(node < graph.Ranks ? 1 : k));

        // As much leads up from a pod as its nodes can send.
        string[] above = [.. graph.Links.Where(link => graph.Nodes[link.From].Name.StartsWith("pod0.", StringComparison.Ordinal)
            && graph.Nodes[link.To].Name.StartsWith("core", StringComparison.Ordinal)).Select(link => graph.Nodes[link.To].Name)];
        Assert.That(above, Has.Length.EqualTo(k * k / 4).And.Unique);
    }

    [Test]
    public void A_fat_tree_of_16_ports_has_1024_nodes() => Assert.That(BuiltInTopologies.Create("fat-tree:k=16").Ranks, Is.EqualTo(1024));

    [Test]
    public void A_dragonfly_joins_every_two_groups_alike([Range(1, 4)] int a, [Range(1, 2)] int p, [Range(0, 3)] int h)
    {
        for (int g = 1; g <= (a * h) + 1; g++)
        {
            LinkGraph graph = Proper($"dragonfly:a={a},p={p},h={h},g={g},bandwidth=1", a * p * g);
            var between = new Dictionary<(string, string), Rational>();
            foreach (Link link in graph.Links.Where(link => link.Name == "global"))
            {
                (string from, string to) = (Group(link.From), Group(link.To));
                between[(from, to)] = between.GetValueOrDefault((from, to)) + link.Bandwidth;
            }

            Rational each = g == 1 ? 0 : a * h / (g - 1);
            Assert.That(between, Has.Count.EqualTo(g * (g - 1)));
            Assert.That(between.Values, Has.All.EqualTo(each));
            for (int node = graph.Ranks; node < graph.Nodes.Length; node++)
            {
                Rational global = graph.LinksFrom(node).Where(link => link.Name == "global").Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth);
                Assert.That(global, Is.LessThanOrEqualTo((Rational)h));
                Assert.That(graph.LinksFrom(node).Count(link => link.Name != "global"), Is.EqualTo(p + a - 1));
            }

            string Group(int node) => graph.Nodes[node].Name.Split('.')[0];
        }
    }

    [Test]
    public void A_dragonfly_is_as_large_as_it_can_be_unless_told() => Assert.That(BuiltInTopologies.Create("dragonfly:a=4,p=2,h=2").Ranks, Is.EqualTo(72));

    // What is true of every network: its nodes each in a machine of their own, and links alike both ways.
    private static LinkGraph Proper(string specification, int ranks)
    {
        LinkGraph graph = BuiltInTopologies.Create(specification);
        Assert.That(graph.Ranks, Is.EqualTo(ranks));
        Assert.That(graph.Nodes.Take(ranks).Select(node => node.Box), Is.EqualTo(Enumerable.Range(0, ranks)));
        Assert.That(GraphFacts.IsSymmetric(graph), Is.True);
        Assert.That(GraphFacts.IsConnected(graph), Is.True);
        return graph;
    }
}

using System.Globalization;
using System.Xml.Linq;

namespace HpcTrain.Topology.Tests.Drawings;

internal sealed class TopologyDrawingTests
{
    private static IEnumerable<string> Specifications =>
    [
        .. BuiltInTopologies.All.SelectMany(family => new[] { family.Name, family.Example }).Distinct(),
        "dgx-a100:boxes=2", "dgx-a100:boxes=3", "dgx-a100:boxes=4", "dgx-a100:boxes=128", "mi250:boxes=2", "ring:n=3", "ring:n=40", "full:n=16", "torus:dims=4x4x3",
        "torus:dims=2x2x2", "torus:dims=3x5,wrap=false", "torus:dims=2x3x2x2", "torus:dims=32x32", "hypercube:d=1", "hypercube:d=4", "hypercube:d=6", "fat-tree:k=2",
        "fat-tree:k=6", "fat-tree:k=16", "dragonfly:a=3,p=1,h=1", "dragonfly:a=3,p=4,h=1,g=3", "dragonfly:a=2,p=1,h=1", "dragonfly:a=8,p=4,h=4",
    ];

    [TestCaseSource(nameof(Specifications))]
    public void Nothing_overlaps(string specification)
    {
        var drawn = new DrawnTopology(BuiltInTopologies.Create(specification).ToSvg());
        Assert.That(drawn.Nodes, Is.Not.Empty);
        drawn.AssertNothingOverlaps();
    }

    [Test]
    public void Nothing_overlaps_in_random_graphs([Range(1, 16)] int ranks)
    {
        for (int seed = 0; seed < 6; seed++)
        {
            LinkGraph graph = RandomGraph(ranks, seed);
            var drawn = new DrawnTopology(graph.ToSvg());
            int linked = Enumerable.Range(0, graph.Nodes.Length).Count(node => node < ranks || graph.LinksFrom(node).Length + graph.LinksTo(node).Length > 0);
            Assert.That(drawn.Nodes, Has.Length.EqualTo(linked), $"seed {seed}");
            drawn.AssertNothingOverlaps();
        }
    }

    [Test]
    public void Wide_lines_have_more_bandwidth_and_their_label_says_it()
    {
        var drawn = new DrawnTopology(BuiltInTopologies.Create("dgx1v").ToSvg());
        Assert.That(Width(drawn.Link("gpu0 \u2013 gpu3")), Is.GreaterThan(1.3 * Width(drawn.Link("gpu0 \u2013 gpu1"))));
        Assert.That(drawn.Texts.Count(text => text.Words == "25"), Is.EqualTo(8));
        Assert.That(drawn.Texts.Count(text => text.Words == "50"), Is.EqualTo(8));
        Assert.That(drawn.Words, Does.Contain("NV2: 50 GB/s (8 links)").And.Contain("NV1: 25 GB/s (8 links)"));
    }

    [Test]
    public void A_line_is_of_both_directions_where_they_are_alike_else_there_are_two_arrows()
    {
        LinkGraph graph = LinkGraphJson.Read(
            """{"ranks": 3, "links": [{"from": 0, "to": 1, "bandwidth": 25, "both": true}, {"from": 1, "to": 2, "bandwidth": 10}, {"from": 2, "to": 1, "bandwidth": 5}]}""", "x");
        var drawn = new DrawnTopology(graph.ToSvg());
        Assert.That(drawn.Paths.Count(path => (string?)path.Attribute("fill") == "none"), Is.EqualTo(3));
        Assert.That(drawn.Paths.Count(path => path.Attribute("fill") is null), Is.EqualTo(2), "arrow heads");
        Assert.That((string?)drawn.Link("rank1 \u2192 rank2: 10").Attribute("d"), Is.Not.EqualTo((string?)drawn.Link("rank2 \u2192 rank1: 5").Attribute("d")));
        Assert.That(drawn.Words, Does.Contain("10 GB/s, one way (1 link)"));
    }

    [Test]
    public void The_links_tell_the_shape_whatever_nodes_are_called()
    {
        DrawnTopology ring = Renamed("ring:n=6"), grid = Renamed("torus:dims=3x5"), quads = Renamed("dgx1v"), tree = Renamed("fat-tree:k=4"), star = Renamed("dgx2");
        (double X, double Y) middle = (ring.Nodes.Average(node => node.Middle.X), ring.Nodes.Average(node => node.Middle.Y));
        double[] radii = [.. ring.Nodes.Select(node => Distance(node.Middle, middle))];
        Assert.That(radii.Max() - radii.Min(), Is.LessThan(0.1), "a circle");
        Assert.That((Distinct(grid, node => node.Middle.X), Distinct(grid, node => node.Middle.Y)), Is.EqualTo((5, 3)), "columns and rows");
        Assert.That((Distinct(quads, node => node.Middle.X), Distinct(quads, node => node.Middle.Y)), Is.EqualTo((4, 2)), "two squares");
        Assert.That(tree.Nodes.GroupBy(node => Math.Round(node.Middle.Y)).OrderBy(level => level.Key).Select(level => level.Count()), Is.EqualTo(new[] { 4, 8, 8, 16 }), "levels");
        DrawnTopology.Node hub = star["n16"];
        Assert.That(star.Nodes.Where(node => node != hub).Select(node => Math.Round(Distance(node.Middle, hub.Middle))).Distinct().Count(), Is.EqualTo(1), "a star");
    }

    [Test]
    public void Edges_of_a_hypercube_are_parallel_along_each_dimension()
    {
        LinkGraph graph = BuiltInTopologies.Create("hypercube:d=5");
        var drawn = new DrawnTopology(graph.ToSvg());
        var steps = graph.Links.Where(link => link.From < link.To).Select(link => (drawn[$"node{link.From}"].Middle, drawn[$"node{link.To}"].Middle))
            .Select(ends => (Math.Abs(Math.Round(ends.Item2.X - ends.Item1.X)), Math.Abs(Math.Round(ends.Item2.Y - ends.Item1.Y)))).Distinct();
        Assert.That(steps.Count(), Is.EqualTo(5));
    }

    [Test]
    public void Boxes_have_frames_that_hold_their_nodes()
    {
        var drawn = new DrawnTopology(BuiltInTopologies.Create("dgx-a100:boxes=2").ToSvg());
        Assert.That(drawn.Texts.Count(text => text.Words is "box 0" or "box 1"), Is.EqualTo(2));
        Assert.That(drawn.Nodes.Count(node => node.Name == "gpu3"), Is.EqualTo(2), "the name of the box is on its frame");
        Assert.That(drawn["ib0"].Box.Bottom, Is.LessThan(drawn.Nodes.Where(node => node.Name.StartsWith("nic", StringComparison.Ordinal)).Min(node => node.Box.Y)));
    }

    [Test]
    public void Large_networks_are_summed_up()
    {
        var tree = new DrawnTopology(BuiltInTopologies.Create("fat-tree:k=16").ToSvg());
        Assert.That(tree.Nodes.Select(node => node.Name), Is.EquivalentTo(new[] { "1024 \u00d7 node", "128 \u00d7 edge", "128 \u00d7 aggregation", "64 \u00d7 core" }));
        Assert.That(tree.Texts.Count(text => text.Words == "1024 \u00d7 12.5"), Is.EqualTo(3));
        var groups = new DrawnTopology(BuiltInTopologies.Create("dragonfly").ToSvg());
        Assert.That(groups.Nodes, Has.Length.EqualTo(36));
        Assert.That(groups.Words, Does.Contain("ranks 0\u20131, 12.5 each").And.Contain("ranks are counted at their switches"));
    }

    [Test]
    public void What_is_too_large_and_irregular_is_refused()
    {
        LinkGraph graph = RandomGraph(120, 1);
        Assert.That(() => graph.ToSvg(), Throws.TypeOf<TopologyException>().With.Message.Contains("room for 80 nodes").And.Message.Contains("draw an allocation"));
    }

    [Test]
    public void Only_links_of_a_kind()
    {
        LinkGraph graph = BuiltInTopologies.Create("dgx-a100:boxes=2");
        var fast = new DrawnTopology(graph.ToSvg(new() { Links = DrawnLinks.NvLink }));
        Assert.That(fast.Words, Does.Contain("NV12").And.Not.Contain("network").And.Not.Contain("nic0"));
        var slow = new DrawnTopology(graph.ToSvg(new() { Links = DrawnLinks.Pcie }));
        Assert.That(slow.Words, Does.Contain("network").And.Not.Contain("NV12").And.Not.Contain("nvswitch"));
        Assert.That(() => BuiltInTopologies.Create("dgx1v").ToSvg(new() { Links = DrawnLinks.Pcie }),
            Throws.TypeOf<TopologyException>().With.Message.Contains("its links are NV1, NV2"));
    }

    [Test]
    public void A_plan_has_a_strand_on_each_link_of_each_tree_and_its_limit_is_named()
    {
        LinkGraph graph = BuiltInTopologies.Create("dgx1v");
        LinkPlan plan = LinkPlan.Of(graph, ArborescencePacking.Plan(graph, 0), "trees");
        var drawn = new DrawnTopology(plan.ToSvg());
        for (int tree = 0; tree < plan.Trees.Length; tree++)
            Assert.That(drawn.Paths.Count(path => (string?)path.Attribute("class") == $"hpc-stroke-{tree}"), Is.EqualTo(7), $"tree {tree}");
        Assert.That(drawn.Paths.Count(path => path.Attribute("stroke-dasharray") is not null), Is.EqualTo(plan.Cut.Links.Length));
        Assert.That(drawn.Words, Does.Contain("tree 6, root gpu0: 25 GB/s").And.Contain("Limit: ").And.Contain("150 GB/s"));
        drawn.AssertNothingOverlaps();
    }

    [Test]
    public void Of_many_trees_the_heaviest_are_drawn_and_their_part_is_told()
    {
        LinkPlan plan = LinkPlanner.Plan(BuiltInTopologies.Create("mi250:boxes=2"), new());
        Assert.That(plan.Trees, Has.Length.GreaterThan(24));
        double drawn = plan.Trees.Select(tree => (double)tree.Weight).OrderDescending().Take(12).Sum() / plan.Trees.Sum(tree => (double)tree.Weight);
        Assert.That(plan.ToSvg(), Does.Contain(string.Create(CultureInfo.InvariantCulture,
            $"Of {plan.Trees.Length} trees the 12 that weigh most are drawn, which carry {100 * drawn:0} % of the data.")).And.Not.Contain("tree 13,"));
    }

    [Test]
    public void Strands_fill_a_link_as_the_trees_do()
    {
        LinkGraph graph = BuiltInTopologies.Create("ring:n=3");
        LinkPlan plan = LinkPlan.Of(graph, SpanningTreePacking.Plan(graph), "trees");
        var drawn = new DrawnTopology(plan.ToSvg());
        XElement line = drawn.Link("node0 \u2013 node1").Parent!;
        double[] widths = [.. line.Elements(line.Name.Namespace + "path").Select(Width)];
        Assert.That(widths[1..].Sum(), Is.EqualTo(widths[0]).Within(0.05), "all of the link is used");
    }

    [Test]
    public void The_same_graph_has_the_same_drawing_in_every_culture()
    {
        LinkGraph graph = RandomGraph(12, 3);
        string first = graph.ToSvg();
        CultureInfo before = CultureInfo.CurrentCulture, odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (odd.NumberFormat.NumberDecimalSeparator, odd.NumberFormat.NegativeSign) = (",", "~");
        try
        {
            CultureInfo.CurrentCulture = odd;
            Assert.That(graph.ToSvg(), Is.EqualTo(first));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Test]
    public void Title_is_the_name_of_the_file_without_its_folder()
    {
        LinkGraph graph = LinkGraphJson.Read("""{"ranks": 2, "links": [{"from": 0, "to": 1, "bandwidth": 1, "both": true}]}""", "/some/where/box.json");
        Assert.That(new DrawnTopology(graph.ToSvg()).Texts[0].Words, Is.EqualTo("box.json"));
        Assert.That(new DrawnTopology(graph.ToSvg(new() { Title = "Ours & theirs" })).Texts[0].Words, Is.EqualTo("Ours & theirs"));
    }

    private static DrawnTopology Renamed(string specification)
    {
        LinkGraph graph = BuiltInTopologies.Create(specification);
        return new(new LinkGraph("x", graph.Nodes.Select((node, index) => node with { Name = $"n{index}" }), graph.Links).ToSvg());
    }

    private static int Distinct(DrawnTopology drawn, Func<DrawnTopology.Node, double> place) => drawn.Nodes.Select(node => Math.Round(place(node))).Distinct().Count();

    private static double Distance((double X, double Y) a, (double X, double Y) b) => Math.Sqrt(((a.X - b.X) * (a.X - b.X)) + ((a.Y - b.Y) * (a.Y - b.Y)));

    private static double Width(XElement path) => double.Parse((string)path.Attribute("stroke-width")!, CultureInfo.InvariantCulture);

    // Ranks and up to three switches, links of several rates, some one way; not always connected. Some names are long.
    private static LinkGraph RandomGraph(int ranks, int seed)
    {
        var random = new Random((1000 * ranks) + seed);
        int nodes = ranks + random.Next(4);
        var links = new List<Link>();
        for (int a = 0; a < nodes; a++)
        {
            for (int b = 0; b < a; b++)
            {
                if (random.NextDouble() > 0.35)
                    continue;
                Rational rate = new[] { 1, 10, 25, 100 }[random.Next(4)];
                links.Add(new(a, b, rate, Name: $"L{rate}"));
                if (random.NextDouble() < 0.85)
                    links.Add(new(b, a, rate, Name: $"L{rate}"));
            }
        }

        return new("random", Enumerable.Range(0, nodes).Select(node => new LinkNode(
            node < ranks ? NodeKind.Rank : NodeKind.Switch, random.Next(5) == 0 ? $"a node of a long name {node}" : $"n{node}", seed % 2 == 0 ? 0 : node / 6)), links);
    }
}

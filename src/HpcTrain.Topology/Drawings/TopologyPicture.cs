using System.Collections.Immutable;
using System.Globalization;
using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>
/// The drawing of a topology. From back to front: what a limit shades, frames of boxes, lines with the strands of trees, labels, nodes.
/// </summary>
internal sealed class TopologyPicture
{
    private const double Margin = 28, LeastWidth = 560, ShadeMargin = 13;

    private const int MostShadedParts = 4, MostTreesInLegend = 12, MostTreesDrawn = 24, FewLines = 12, MostLabelledLines = 120;

    private static readonly int[] s_shades = [0, 1, 2, 4];

    private static readonly TextStyle s_boxName = new(12, Paint.Muted, Weight: TextWeight.Bold);

    private readonly LinkGraph _graph;
    private readonly Sketch _sketch;
    private readonly TopologyDrawingOptions _options;
    private readonly LinkLooks _looks;
    private readonly Box[] _nodes;
    private readonly Route[] _routes;
    private readonly LinkLabel?[] _labels;
    private readonly (string Name, Box Frame, Box NameBox)[] _frames;
    private readonly ImmutableArray<PlanTree> _trees;
    private readonly Strand[] _strands;
    private readonly bool[] _isLimiting;
    private readonly Box _bounds;

    public TopologyPicture(LinkGraph graph, Sketch sketch, TopologyDrawingOptions options)
    {
        (_graph, _sketch, _options) = (graph, sketch, options);
        _trees = options.Trees.Length <= MostTreesDrawn ? options.Trees : [.. options.Trees.OrderByDescending(tree => tree.Weight).Take(MostTreesInLegend)];
        _strands = sketch.IsSummary ? [] : Strands.Of(sketch, _trees);
        _looks = new(sketch, isPlain: _strands.Length > 0);
        Spot[] spots = Layout.Place(sketch);
        _nodes = [.. spots.Index().Select(spot => spot.Item.Around(sketch.Nodes[spot.Index].Width, sketch.Nodes[spot.Index].Height))];
        _routes = Router.Lead(sketch, spots);
        _frames = [.. Frames()];
        bool areLabelled = sketch.Links.Count <= MostLabelledLines && (_looks.All.Count > 1 || sketch.Links.Count <= FewLines);
        _labels = areLabelled ? LinkLabels.Place(sketch, _routes, [.. _nodes, .. _frames.Select(frame => frame.NameBox)]) : new LinkLabel?[sketch.Links.Count];
        _isLimiting = [.. sketch.Links.Select(IsLimiting)];
        if (Array.TrueForAll(_isLimiting, limits => limits))
            _isLimiting = new bool[sketch.Links.Count]; // what holds for all tells nothing
        _bounds = Boxes.Around(
        [
            .. _nodes.Select(node => options.Cut is null ? node : node.Grown(ShadeMargin)), .. _frames.Select(frame => frame.Frame), .. _labels.OfType<LinkLabel>().Select(label => label.Box),
            .. _routes.SelectMany(route => route.Points()).Select(spot => spot.Around(10, 10)),
        ]);
    }

    /// <summary>Where nodes lie, by their numbers in the sketch.</summary>
    public IReadOnlyList<Box> NodeBoxes => _nodes;

    /// <summary>Where labels of links lie, and names of boxes.</summary>
    public IEnumerable<Box> LabelBoxes => [.. _labels.OfType<LinkLabel>().Select(label => label.Box), .. _frames.Select(frame => frame.NameBox)];

    public string Draw()
    {
        double width = Math.Max(LeastWidth, _bounds.Width);
        string title = _options.Title ?? _graph.Name[(_graph.Name.LastIndexOf('/') + 1)..];
        var text = new PictureText(width, title, Subtitle(), Legend(), Notes());
        Spot shift = new(Margin + ((width - _bounds.Width) / 2) - _bounds.X, Margin + text.HeadHeight - _bounds.Y);
        var document = new SvgDocument
        {
            Width = width + (2 * Margin),
            Height = text.HeadHeight + _bounds.Height + text.FootHeight + (2 * Margin),
            Title = title,
            Description = $"The links of a topology: {Subtitle()}. {string.Join(' ', Notes())}".TrimEnd(),
        };
        return document.Draw(svg =>
        {
            text.DrawHead(svg, Margin, Margin);
            using (svg.Begin("g", ("transform", $"translate({SvgWriter.Number(shift.X)} {SvgWriter.Number(shift.Y)})")))
                DrawPicture(svg);
            text.DrawFoot(svg, Margin, Margin + text.HeadHeight + _bounds.Height);
        });
    }

    private void DrawPicture(SvgWriter svg)
    {
        DrawShades(svg);
        foreach ((_, Box frame, _) in _frames)
            svg.Element("rect", ("x", frame.X), ("y", frame.Y), ("width", frame.Width), ("height", frame.Height), ("rx", 12), ("fill", "none"), ("class", Paint.Axis));
        ILookup<int, Strand> strands = _strands.ToLookup(strand => strand.Line);
        // Wide lines first, so that thin ones are seen where they cross.
        foreach (int line in Enumerable.Range(0, _routes.Length).OrderByDescending(line => _sketch.Links[line].Bandwidth).ThenBy(line => line))
            DrawLine(svg, line, strands[line]);
        foreach ((string name, _, Box box) in _frames)
            svg.Text(box.X, box.Bottom - 3, name, s_boxName);
        foreach ((int line, LinkLabel? label) in _labels.Index())
        {
            if (label is not null)
                DrawLabel(svg, label, _isLimiting[line]);
        }

        foreach ((int index, Box box) in _nodes.Index())
            NodePainter.Draw(svg, _sketch.Nodes[index], box);
    }

    private void DrawLine(SvgWriter svg, int line, IEnumerable<Strand> strands)
    {
        (SketchLink link, Route route) = (_sketch.Links[line], _routes[line]);
        LinkLook look = _looks[link];
        using (svg.Begin("g"))
        {
            string count = link.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{link.Count} links, each ");
            svg.Tooltip($"{_sketch.Nodes[link.A].Title} {(link.IsOneWay ? "\u2192" : "\u2013")} {_sketch.Nodes[link.B].Title}: {count}"
                + $"{LinkLooks.Number(link.Bandwidth)} GB/s{(link.Name.Length > 0 ? $" ({link.Name})" : "")}");
            svg.Element("path", ("d", route.Path()), ("fill", "none"), ("stroke-width", look.Width), ("class", look.Stroke));
            foreach (IGrouping<int, Strand> group in strands.GroupBy(strand => strand.Line))
                Strands.Draw(svg, group, route, look.Width, link.IsOneWay);
            if (link.IsOneWay && _strands.Length == 0)
                Strands.Arrow(svg, route, route.EntryInto(_nodes[link.B]), isAhead: true, 5 + (look.Width / 2), Paint.Text);
            if (_isLimiting[line])
                svg.Element("path", ("d", route.Path()), ("fill", "none"), ("stroke-width", 2.2), ("stroke-dasharray", "7 5"), ("class", Paint.Ink));
        }
    }

    private static void DrawLabel(SvgWriter svg, LinkLabel label, bool isLimiting)
    {
        svg.Element("rect", ("x", label.Box.X), ("y", label.Box.Y), ("width", label.Box.Width), ("height", label.Box.Height), ("rx", 4),
            ("class", isLimiting ? $"{Paint.Background} {Paint.Ink}" : Paint.Background));
        svg.Text(label.Box.X + (label.Box.Width / 2), label.Box.Y + 12, label.Text, LinkLabels.Style);
    }

    private void DrawShades(SvgWriter svg)
    {
        foreach ((int index, IReadOnlyCollection<int> part) in ShadedParts().Index())
        {
            using (svg.Begin("g", ("opacity", 0.2)))
            {
                foreach ((int node, Box box) in _nodes.Index().Where(node => _sketch.Nodes[node.Index].Members.All(part.Contains)))
                {
                    Box shade = box.Grown(ShadeMargin);
                    svg.Element("rect", ("x", shade.X), ("y", shade.Y), ("width", shade.Width), ("height", shade.Height), ("rx", 18), ("class", Paint.Fill(s_shades[index])));
                }
            }
        }
    }

    private IEnumerable<IReadOnlyCollection<int>> ShadedParts() =>
        _options.Cut is { Parts.Length: > 1 and <= MostShadedParts } cut ? cut.Parts.Select(part => part.ToHashSet()) : [];

    private bool IsLimiting(SketchLink link) => _options.Cut is { } cut && cut.Links.Any(limit =>
        (_sketch.Nodes[link.A].Members.Contains(limit.From) && _sketch.Nodes[link.B].Members.Contains(limit.To))
        || (!link.IsOneWay && _sketch.Nodes[link.B].Members.Contains(limit.From) && _sketch.Nodes[link.A].Members.Contains(limit.To)));

    private IEnumerable<(string Name, Box Frame, Box NameBox)> Frames()
    {
        foreach (IGrouping<int, (int Index, SketchNode Item)> box in _sketch.Nodes.Index().Where(node => node.Item.Box >= 0).GroupBy(node => node.Item.Box).OrderBy(box => box.Key))
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"box {box.Key}");
            Box nodes = Boxes.Around(box.Select(node => _nodes[node.Index])).Grown(BoxesLayout.Padding);
            Box frame = new(nodes.X, nodes.Y - BoxesLayout.NameHeight, nodes.Width, nodes.Height + BoxesLayout.NameHeight);
            yield return (name, frame, new(frame.X + 12, frame.Y + 8, TextMeasure.Width(name, s_boxName), 16));
        }
    }

    private string Subtitle()
    {
        int Number(NodeKind kind) => _sketch.IsSummary ? _graph.Nodes.Count(node => node.Kind == kind) : _sketch.Nodes.Count(node => node.Kind == kind);
        var parts = new List<string> { PictureText.Count(_graph.Ranks, "rank", "ranks") };
        foreach ((NodeKind kind, string one, string many) in new[] { (NodeKind.Nic, "NIC", "NICs"), (NodeKind.Switch, "switch", "switches"), (NodeKind.Host, "host", "hosts") })
        {
            if (Number(kind) > 0)
                parts.Add(PictureText.Count(Number(kind), one, many));
        }

        string folded = !_sketch.IsSummary ? "" : _sketch.Nodes.All(node => node.Kind != NodeKind.Rank)
            ? "; ranks are counted at their switches, with the GB/s of each"
            : "; nodes that are linked alike are drawn as one, with the number of their links and the GB/s of each";
        return $"{string.Join(", ", parts)}; GB/s in each direction{folded}";
    }

    private IEnumerable<LegendEntry> Legend()
    {
        foreach (NodeKind kind in _sketch.Nodes.Select(node => node.Kind).Distinct().Order())
        {
            string name = kind switch { NodeKind.Rank => "rank", NodeKind.Nic => "NIC", NodeKind.Switch => "switch", _ => "host" };
            yield return new(name, 22, (svg, x, y) => NodePainter.DrawShape(svg, kind, new(x, y - 7, 22, 14)));
        }

        foreach (LinkLook look in _looks.All)
            yield return new(look.Text, 30, (svg, x, y) => Line(svg, x, y, look.Width, look.Stroke));
        if (_strands.Length > 0)
        {
            foreach ((int index, PlanTree tree) in _trees.Take(MostTreesInLegend).Index())
            {
                string name = $"tree {index + 1}, root {_graph.Nodes[tree.Root].Name}: {LinkLooks.Number(tree.Weight)} GB/s";
                yield return new(name, 30, (svg, x, y) => Line(svg, x, y, 4, Paint.Stroke(index)));
            }
        }

        if (_isLimiting.Any(limits => limits))
            yield return new("limits the plan", 30, (svg, x, y) => Line(svg, x, y, 2.2, Paint.Ink, "7 5"));

        static void Line(SvgWriter svg, double x, double y, double width, string stroke, string? dashes = null) =>
            svg.Element("line", ("x1", x), ("y1", y), ("x2", x + 30), ("y2", y), ("stroke-width", width), ("stroke-dasharray", dashes), ("class", stroke));
    }

    private IEnumerable<string> Notes()
    {
        if (_options.Trees.Length > 0 && _sketch.IsSummary)
            yield return "The trees of the plan are not drawn: there are too many nodes.";
        if (_trees.Length < _options.Trees.Length && !_sketch.IsSummary)
        {
            double all = Weight(_options.Trees), drawn = Weight(_trees);
            yield return string.Create(CultureInfo.InvariantCulture, $"Of {_options.Trees.Length} trees the {_trees.Length} that weigh most are drawn, which carry {100 * drawn / all:0} % of the data.");
        }
        else if (_trees.Length > MostTreesInLegend && !_sketch.IsSummary)
        {
            yield return $"There are {_options.Trees.Length} trees; the legend has the first {MostTreesInLegend}.";
        }

        if (_options.Cut is { } cut)
        {
            yield return cut.Parts.Length > MostShadedParts && cut.Links.Length > FewLines
                ? $"Limit: {cut.Links.Length} links between {cut.Parts.Length} parts: {LinkLooks.Number(cut.Bandwidth)} GB/s"
                : $"Limit: {cut.Describe(_graph)}";
        }

        static double Weight(ImmutableArray<PlanTree> trees) => trees.Sum(tree => (double)tree.Weight);
    }
}

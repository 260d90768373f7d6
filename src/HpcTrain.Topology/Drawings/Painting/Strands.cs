using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>What a tree has of a line.</summary>
/// <param name="Line">The number of the line.</param>
/// <param name="Tree">The number of the tree.</param>
/// <param name="Share">Its part of the bandwidth, in the direction that it has more of.</param>
/// <param name="Ahead">Whether it leads along the line.</param>
/// <param name="Back">Whether it leads against it.</param>
internal sealed record Strand(int Line, int Tree, double Share, bool Ahead, bool Back);

/// <summary>
/// Draws trees along lines. A tree has a strand on each line that it uses, as wide as its share of the line's bandwidth, beside those of other trees: where strands fill
/// a line, so do the trees. Each direction of a line has half of its width; a strand that data take one way has an arrow.
/// </summary>
internal static class Strands
{
    private const double Thinnest = 1.4, Between = 0.8;

    public static Strand[] Of(Sketch sketch, IEnumerable<PlanTree> trees)
    {
        Dictionary<int, int> numbers = sketch.Nodes.Index().Where(node => node.Item.Members.Length == 1).ToDictionary(node => node.Item.Members[0], node => node.Index);
        var lines = new Dictionary<(int From, int To), (int Line, bool IsAhead)>();
        foreach ((int index, SketchLink link) in sketch.Links.Index())
        {
            lines[(link.A, link.B)] = (index, true);
            if (!link.IsOneWay)
                lines[(link.B, link.A)] = (index, false);
        }

        var strands = new List<Strand>();
        foreach ((int index, PlanTree tree) in trees.Index())
        {
            var uses = tree.In.Concat(tree.Out).SelectMany(edge => edge.Path.Zip(edge.Path.Skip(1)))
                .Where(step => numbers.ContainsKey(step.First) && numbers.ContainsKey(step.Second) && lines.ContainsKey((numbers[step.First], numbers[step.Second])))
                .Select(step => lines[(numbers[step.First], numbers[step.Second])]);
            foreach (IGrouping<int, (int Line, bool IsAhead)> use in uses.GroupBy(use => use.Line).OrderBy(use => use.Key))
            {
                int ahead = use.Count(step => step.IsAhead), back = use.Count() - ahead;
                strands.Add(new(use.Key, index, (double)(tree.Weight * Math.Max(ahead, back) / sketch.Links[use.Key].Bandwidth), ahead > 0, back > 0));
            }
        }

        return [.. strands];
    }

    public static void Draw(SvgWriter svg, IGrouping<int, Strand> strands, Route route, double width, bool isOneWay)
    {
        double[] widths = [.. strands.Select(strand => Math.Max(Thinnest, width * strand.Share / (isOneWay || (strand.Ahead && strand.Back) ? 1 : 2)))];
        double side = (widths.Sum() + (Between * (widths.Length - 1))) / 2;
        foreach ((int index, Strand strand) in strands.Index())
        {
            Route beside = route.Beside(side - (widths[index] / 2));
            svg.Element("path", ("d", beside.Path()), ("fill", "none"), ("stroke-width", widths[index]), ("class", Paint.Stroke(strand.Tree)));
            if (strand.Ahead != strand.Back)
                Arrow(svg, beside, strand.Ahead ? 0.7 : 0.3, strand.Ahead, 6 + (widths[index] / 2), $"{Paint.Fill(strand.Tree)} {Paint.Halo}");
            side -= widths[index] + Between;
        }
    }

    /// <summary>An arrow head whose tip is at a part of the way.</summary>
    public static void Arrow(SvgWriter svg, Route route, double part, bool isAhead, double size, string paint)
    {
        Spot tip = route.At(part), along = route.Heading(part) * (isAhead ? size : -size), side = new Spot(along.Y, -along.X) * 0.6;
        Spot[] corners = [tip, tip - (along * 1.4) + side, tip - (along * 1.4) - side];
        svg.Element("path", ("d", $"{SvgWriter.PathThrough(corners.Select(corner => (corner.X, corner.Y)))}Z"), ("class", paint));
    }
}

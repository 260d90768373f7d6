using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>Draws nodes: ranks filled, switches outlined, NICs round, hosts dashed.</summary>
internal static class NodePainter
{
    private static readonly TextStyle s_title = new(SketchNode.TitleSize, Anchor: TextAnchor.Middle, Weight: TextWeight.Bold), s_detail = new(SketchNode.DetailSize, Anchor: TextAnchor.Middle);

    public static void Draw(SvgWriter svg, SketchNode node, Box box)
    {
        DrawShape(svg, node.Kind, box);
        string paint = node.Kind == NodeKind.Rank ? Paint.Background : Paint.Text;
        double x = box.X + (box.Width / 2), y = box.Y + (box.Height / 2);
        if (node.Detail.Length == 0)
        {
            svg.Text(x, y + 4.5, node.Title, s_title with { Paint = paint });
            return;
        }

        svg.Text(x, y - 4, node.Title, s_title with { Paint = paint });
        svg.Text(x, y + 13, node.Detail, s_detail with { Paint = paint });
    }

    /// <summary>The shape of a kind alone, as legends show it.</summary>
    public static void DrawShape(SvgWriter svg, NodeKind kind, Box box)
    {
        string paint = kind == NodeKind.Rank ? Paint.Fill(0) : $"{Paint.Background} {Paint.Ink}";
        double round = kind switch { NodeKind.Rank => 8, NodeKind.Nic => box.Height / 2, _ => 3 };
        svg.Element("rect", ("x", box.X), ("y", box.Y), ("width", box.Width), ("height", box.Height), ("rx", round), ("stroke-width", 1.4),
            ("stroke-dasharray", kind == NodeKind.Host ? "5 3" : null), ("class", paint));
    }
}

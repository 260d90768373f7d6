using System.Globalization;
using System.Text;

namespace HpcTrain.Topology;

/// <summary>
/// Link graphs in the language of graphviz, to be laid out by its programs: <c>dot</c> for trees of switches, <c>neato</c> or <c>fdp</c> for what has no
/// direction. Machines are clusters, and two links that are alike there and back are one line without arrows.
/// </summary>
public static class LinkGraphDot
{
    /// <summary>A graph as the text of a DOT file. Labels tell the bandwidth in 10^9 bytes per second and what a link is made of.</summary>
    public static string Write(LinkGraph graph)
    {
        var text = new StringBuilder();
        text.Append($"digraph {Quote(graph.Name)} {{\n  node [fontname=\"Helvetica\"];\n  edge [fontname=\"Helvetica\", fontsize=10];\n");
        bool isInBoxes = graph.Nodes.Select(node => node.Box).Where(box => box >= 0).Distinct().Skip(1).Any();
        foreach (IGrouping<int, (int Index, LinkNode Item)> box in graph.Nodes.Index().GroupBy(node => isInBoxes ? node.Item.Box : -1).OrderBy(box => box.Key))
        {
            string indent = box.Key < 0 ? "  " : "    ";
            if (box.Key >= 0)
                text.Append(CultureInfo.InvariantCulture, $"  subgraph cluster_{box.Key} {{\n    label=\"box {box.Key}\";\n");
            foreach ((int index, LinkNode node) in box)
                text.Append(CultureInfo.InvariantCulture, $"{indent}n{index} [label={Quote(node.Name)}, shape={Shape(node.Kind)}];\n");
            text.Append(box.Key >= 0 ? "  }\n" : "");
        }

        double widest = graph.Links.Select(link => (double)link.Bandwidth).DefaultIfEmpty(1).Max();
        foreach (Link link in graph.Links)
        {
            bool isTwoWay = graph.LinkBetween(link.To, link.From) is { } back && back with { From = link.From, To = link.To } == link;
            if (isTwoWay && link.From > link.To)
                continue;
            double bandwidth = (double)link.Bandwidth;
            string label = string.Create(CultureInfo.InvariantCulture, $"{bandwidth:0.###}{(link.Name.Length > 0 ? $" {link.Name}" : "")}");
            string pen = (1 + (4 * bandwidth / widest)).ToString("0.##", CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"  n{link.From} -> n{link.To} [label={Quote(label)}, penwidth={pen}{(isTwoWay ? ", dir=none" : "")}];\n");
        }

        return text.Append("}\n").ToString();
    }

    private static string Shape(NodeKind kind) => kind switch
    {
        NodeKind.Rank => "circle",
        NodeKind.Switch => "box",
        NodeKind.Nic => "cds",
        _ => "house",
    };

    // In a quoted text of DOT only the quote is special to the reader of the file, and the backslash to that of the label.
    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}

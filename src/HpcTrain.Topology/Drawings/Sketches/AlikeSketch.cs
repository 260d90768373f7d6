using System.Globalization;
using System.Text;

namespace HpcTrain.Topology.Drawings;

/// <summary>
/// Nodes that are linked alike, drawn as one.
///
/// Idea: colour refinement. Nodes of a kind begin with one colour. Again and again a node's colour is told apart by the colours of its neighbours and the links to
/// them, until nothing changes: nodes of one colour then have equally many links of each sort to every other colour. All ranks of a fat tree have one
/// colour, as have its edge, aggregation and core switches.
/// </summary>
internal static class AlikeSketch
{
    public static Sketch Of(LinkGraph graph, IReadOnlyCollection<Link> links)
    {
        int[] color = Refine(graph, links);
        int[][] classes = [.. Enumerable.Range(0, color.Length).GroupBy(node => color[node]).OrderBy(group => group.First()).Select(group => group.ToArray())];
        var number = new int[color.Length];
        foreach ((int index, int[] members) in classes.Index())
        {
            foreach (int member in members)
                number[member] = index;
        }

        var lines = links.GroupBy(link => (A: Math.Min(number[link.From], number[link.To]), B: Math.Max(number[link.From], number[link.To]), link.Bandwidth, link.Name))
            .Select(group => new SketchLink(
                group.Key.A, group.Key.B, group.Key.Bandwidth, group.Key.Name, group.All(link => number[link.From] == group.Key.A) && group.Key.A != group.Key.B,
                group.Select(link => (Math.Min(link.From, link.To), Math.Max(link.From, link.To))).Distinct().Count()))
            .ToArray();
        return new(
            [.. classes.Select((members, index) => Describe(graph, members, lines.Where(line => line.A == index && line.B == index)))],
            [.. lines.Where(line => line.A != line.B)], isSummary: true);
    }

    private static int[] Refine(LinkGraph graph, IReadOnlyCollection<Link> links)
    {
        ILookup<int, Link> leaving = links.ToLookup(link => link.From), entering = links.ToLookup(link => link.To);
        int[] color = [.. graph.Nodes.Select(node => (int)node.Kind)];
        int colors = color.Distinct().Count();
        while (true)
        {
            var known = new Dictionary<string, int>();
            var next = new int[color.Length];
            for (int node = 0; node < color.Length; node++)
            {
                IEnumerable<string> outward = leaving[node].Select(link => $"o{color[link.To]} {link.Bandwidth} {link.Name}").Order(StringComparer.Ordinal);
                IEnumerable<string> inward = entering[node].Select(link => $"i{color[link.From]} {link.Bandwidth} {link.Name}").Order(StringComparer.Ordinal);
                string sign = $"{color[node]};{string.Join(';', outward)};{string.Join(';', inward)}";
                if (!known.TryGetValue(sign, out next[node]))
                    known.Add(sign, next[node] = known.Count);
            }

            color = next;
            if (known.Count == colors)
                return color;
            colors = known.Count;
        }
    }

    private static SketchNode Describe(LinkGraph graph, int[] members, IEnumerable<SketchLink> inside)
    {
        NodeKind kind = graph.Nodes[members[0]].Kind;
        string[] stems = [.. members.Select(member => Stem(graph.Nodes[member].Name)).Distinct().Take(2)];
        string name = stems.Length == 1 && stems[0].Length > 0 ? stems[0] : kind.ToString().ToLowerInvariant();
        string title = members.Length == 1 ? graph.Nodes[members[0]].Name : string.Create(CultureInfo.InvariantCulture, $"{members.Length} \u00d7 {name}");
        string detail = string.Join("; ", inside.Select(line => string.Create(
            CultureInfo.InvariantCulture, $"{line.Count} links of {(double)line.Bandwidth:0.##} among them")));
        return new(kind, title, detail, -1, members, kind == NodeKind.Rank);
    }

    // What is left of "pod3.aggregation1" without numbers and what stands before the last point.
    private static string Stem(string name)
    {
        var stem = new StringBuilder();
        foreach (char letter in name[(name.LastIndexOf('.') + 1)..])
            stem.Append(char.IsAsciiDigit(letter) ? "" : letter.ToString());
        return stem.ToString().Trim(' ', '-', '_');
    }
}

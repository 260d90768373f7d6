namespace HpcTrain.Topology.Drawings;

/// <summary>Every node and every link of a graph.</summary>
internal static class WholeSketch
{
    /// <param name="graph">The graph.</param>
    /// <param name="links">Those of its links that are drawn.</param>
    public static Sketch Of(LinkGraph graph, IReadOnlyCollection<Link> links)
    {
        HashSet<int> linked = [.. links.SelectMany(link => new[] { link.From, link.To })];
        int[] kept = [.. Enumerable.Range(0, graph.Nodes.Length).Where(node => node < graph.Ranks || linked.Contains(node))];
        Dictionary<int, int> numbers = kept.Index().ToDictionary(node => node.Item, node => node.Index);
        bool areBoxesDrawn = kept.Where(node => graph.Nodes[node].Box >= 0).GroupBy(node => graph.Nodes[node].Box) is var boxes
            && boxes.Count() > 1 && boxes.Any(box => box.Count() > 1);
        var nodes = kept.Select(node => new SketchNode(
            graph.Nodes[node].Kind, ShortName(graph.Nodes[node], areBoxesDrawn), "", areBoxesDrawn ? graph.Nodes[node].Box : -1, [node], node < graph.Ranks)).ToArray();

        Dictionary<(int From, int To), Link> known = links.ToDictionary(link => (link.From, link.To));
        var lines = new List<SketchLink>();
        foreach (Link link in links)
        {
            bool isAlike = known.TryGetValue((link.To, link.From), out Link? back) && (back.Bandwidth, back.Name) == (link.Bandwidth, link.Name);
            if (!isAlike || link.From < link.To)
                lines.Add(new(numbers[link.From], numbers[link.To], link.Bandwidth, link.Name, !isAlike, 1));
        }

        return new(nodes, lines);
    }

    // Inside the frame of a box, its name need not stand before that of each node.
    private static string ShortName(LinkNode node, bool areBoxesDrawn)
    {
        string prefix = $"box{node.Box}.";
        return areBoxesDrawn && node.Name.StartsWith(prefix, StringComparison.Ordinal) ? node.Name[prefix.Length..] : node.Name;
    }
}

namespace HpcTrain.Topology.Drawings;

/// <summary>Chooses what is drawn of a graph: every node, switches with their ranks counted, or nodes that are linked alike as one.</summary>
internal static class Sketches
{
    private const int FewNodes = 40, MostFolded = 40, MostAlike = 40;

    public static Sketch Choose(LinkGraph graph, DrawnLinks selection)
    {
        Link[] links = [.. graph.Links.Where(link => selection == DrawnLinks.All || IsNvLink(link) == (selection == DrawnLinks.NvLink))];
        if (links.Length == 0 && graph.Links.Length > 0)
        {
            string names = string.Join(", ", graph.Links.Select(link => link.Name.Length > 0 ? link.Name : "without a name").Distinct());
            throw new TopologyException($"Topology '{graph.Name}' has no links of the kind that is to be drawn; its links are {names}.");
        }

        Sketch full = WholeSketch.Of(graph, links);
        if (full.Count <= FewNodes)
            return full;
        Sketch folded = FoldedSketch.Of(full);
        if (folded.Count < full.Count && folded.Count <= MostFolded)
            return folded;
        if (full.Count <= TopologyDrawing.MostNodes)
            return full;
        Sketch alike = AlikeSketch.Of(graph, links);
        return alike.Count <= MostAlike ? alike : throw new TopologyException(
            $"A drawing has room for {TopologyDrawing.MostNodes} nodes, not for the {full.Count} of topology '{graph.Name}', and they are not alike enough to be drawn as few; "
            + "draw an allocation of some of its ranks, or write it for graphviz.");
    }

    private static bool IsNvLink(Link link) => link.Name.StartsWith("NV", StringComparison.Ordinal)
        || link.Name.StartsWith("xGMI", StringComparison.Ordinal) || link.Name.StartsWith("C2C", StringComparison.Ordinal);
}

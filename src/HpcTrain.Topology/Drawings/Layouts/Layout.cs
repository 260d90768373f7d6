namespace HpcTrain.Topology.Drawings;

/// <summary>Finds the places of nodes: as the first shape has them that fits, else by the lengths of ways between them.</summary>
internal static class Layout
{
    private const double Gap = 14;

    private static readonly Func<Sketch, Spot[]?>[] s_shapes =
    [
        BoxesLayout.Place, CircleLayout.Place, QuadsLayout.Place, GridLayout.Place, HypercubeLayout.Place, StarLayout.Place, GroupsLayout.Place, LevelsLayout.Place,
    ];

    /// <summary>The middle of each node.</summary>
    public static Spot[] Place(Sketch sketch)
    {
        if (sketch.Count == 1)
            return [default];
        foreach (Func<Sketch, Spot[]?> shape in s_shapes)
        {
            if (shape(sketch) is { } spots)
                return Stretched(sketch, spots, Gap);
        }

        return StressLayout.Place(sketch);
    }

    /// <summary>The same places, as much farther from each other as the two nodes need that are nearest for their size.</summary>
    public static Spot[] Stretched(Sketch sketch, Spot[] spots, double gap)
    {
        double stretch = 1;
        for (int a = 0; a < spots.Length; a++)
        {
            for (int b = 0; b < a; b++)
                stretch = Math.Max(stretch, StretchNeeded(sketch, spots, a, b, gap));
        }

        return [.. spots.Select(spot => spot * stretch)];
    }

    /// <summary>The factor that would leave a gap between two nodes, beside or above each other.</summary>
    public static double StretchNeeded(Sketch sketch, Spot[] spots, int a, int b, double gap)
    {
        double x = Math.Abs(spots[a].X - spots[b].X), y = Math.Abs(spots[a].Y - spots[b].Y);
        double width = ((sketch.Nodes[a].Width + sketch.Nodes[b].Width) / 2) + gap, height = ((sketch.Nodes[a].Height + sketch.Nodes[b].Height) / 2) + gap;
        return Math.Min(width / Math.Max(x, 1e-6), height / Math.Max(y, 1e-6));
    }
}

namespace HpcTrain.Topology.Drawings;

/// <summary>Finds the places of nodes: as the first shape has them that fits, else by the lengths of ways between them.</summary>
internal static class Layout
{
    private static readonly Func<Sketch, Spot[]?>[] s_shapes =
    [
        BoxesLayout.Place, CircleLayout.Place, QuadsLayout.Place, HypercubeLayout.Place, GridLayout.Place, StarLayout.Place, GroupsLayout.Place, LevelsLayout.Place,
    ];

    /// <summary>The middle of each node.</summary>
    public static Spot[] Place(Sketch sketch)
    {
        if (sketch.Count == 1)
            return [default];
        foreach (Func<Sketch, Spot[]?> shape in s_shapes)
        {
            if (shape(sketch) is { } spots)
                return spots;
        }

        return StressLayout.Place(sketch);
    }
}

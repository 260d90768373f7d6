using System.Numerics;

namespace HpcTrain.Topology.Drawings;

/// <summary>A hypercube of 3 to 6 dimensions as a cube seen from the side, with more cubes beside and below it.</summary>
internal static class HypercubeLayout
{
    // Where a step in each dimension leads to, in sides of the cube.
    private static readonly Spot[] s_steps = [new(1, 0), new(0, 1), new(0.46, -0.4), new(2.05, 0.25), new(0.3, 2.1), new(4.2, 0.5)];

    public static Spot[]? Place(Sketch sketch)
    {
        int dimensions = BitOperations.Log2((uint)sketch.Count);
        if (dimensions is < 3 or > 6 || Coordinates(sketch, dimensions) is not { } coordinates)
            return null;
        double side = sketch.WidestNode + 96;
        return [.. coordinates.Select(bits => Enumerable.Range(0, dimensions).Where(bit => (bits >> bit & 1) != 0).Aggregate(default(Spot), (sum, bit) => sum + (s_steps[bit] * side)))];
    }

    // The first node has coordinates 0, its neighbours one bit each; any other is one step further than some neighbours, and has all of their bits.
    private static int[]? Coordinates(Sketch sketch, int dimensions)
    {
        if (sketch.Count != 1 << dimensions || Enumerable.Range(0, sketch.Count).Any(node => sketch.Neighbours(node).Count != dimensions))
            return null;
        var coordinates = new int[sketch.Count];
        int[] distance = Ways.Lengths(sketch, 0);
        foreach ((int index, int node) in sketch.Neighbours(0).Index())
            coordinates[node] = 1 << index;
        foreach (int node in Enumerable.Range(0, sketch.Count).Where(node => distance[node] > 1).OrderBy(node => distance[node]))
            coordinates[node] = sketch.Neighbours(node).Where(near => distance[near] < distance[node]).Aggregate(0, (bits, near) => bits | coordinates[near]);
        bool isCube = coordinates.Distinct().Count() == sketch.Count
            && sketch.Links.All(link => BitOperations.PopCount((uint)(coordinates[link.A] ^ coordinates[link.B])) == 1);
        return isCube ? coordinates : null;
    }
}

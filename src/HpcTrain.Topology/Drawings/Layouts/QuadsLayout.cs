using System.Numerics;

namespace HpcTrain.Topology.Drawings;

/// <summary>
/// NVIDIA's hybrid cube-mesh and what allocations leave of it: two groups of up to four nodes, all linked within a group and each to at most one of the other. The
/// groups are squares side by side, partners at mirrored corners, so that one half of the links between squares is straight and the other goes around.
/// </summary>
internal static class QuadsLayout
{
    public static Spot[]? Place(Sketch sketch)
    {
        if (sketch.Count is < 5 or > 8)
            return null;
        for (uint set = 1; set < 1u << sketch.Count; set += 2) // the first node is always in the first group
        {
            if (BitOperations.PopCount(set) == Math.Min(4, (sketch.Count + 1) / 2) && Split(sketch, set) is var (left, right))
                return Mirrored(sketch, left, right);
        }

        return null;
    }

    private static (int[] Left, int[] Right)? Split(Sketch sketch, uint set)
    {
        int[] left = [.. Enumerable.Range(0, sketch.Count).Where(node => (set >> node & 1) != 0)];
        int[] right = [.. Enumerable.Range(0, sketch.Count).Except(left)];
        bool fits = right.Length <= 4 && IsClique(left) && IsClique(right)
            && left.All(node => sketch.Neighbours(node).Count(right.Contains) <= 1) && right.All(node => sketch.Neighbours(node).Count(left.Contains) <= 1)
            && left.Any(node => sketch.Neighbours(node).Any(right.Contains));
        return fits ? (left, right) : null;

        bool IsClique(int[] group) => group.All(a => group.All(b => a == b || sketch.AreLinked(a, b)));
    }

    private static Spot[] Mirrored(Sketch sketch, int[] left, int[] right)
    {
        double side = sketch.WidestNode + 110, gap = side * 0.9;
        var spots = new Spot[sketch.Count];
        var free = new List<int> { 0, 1, 2, 3 };
        Spot Corner(int corner) => new(corner % 2 * side, corner / 2 * side);
        Spot Mirror(int corner) => new((2 * side) + gap - Corner(corner).X, Corner(corner).Y);
        for (int i = 0; i < left.Length; i++)
            spots[left[i]] = Corner(i);
        var single = new List<int>();
        foreach (int node in right)
        {
            int partner = Array.FindIndex(left, other => sketch.AreLinked(node, other));
            if (partner < 0)
            {
                single.Add(node);
                continue;
            }

            spots[node] = Mirror(partner);
            free.Remove(partner);
        }

        foreach ((int index, int node) in single.Index())
            spots[node] = Mirror(free[index]);
        return spots;
    }
}

namespace HpcTrain.Topology.Drawings;

/// <summary>
/// Groups on a circle, as of a dragonfly. Switches of a group are all linked to each other, so that two of them have a neighbour in common; switches of two groups
/// have none. What hangs on one switch only stands outside of it. In each group, the switches stand in the order of the groups that they lead to.
/// </summary>
internal static class GroupsLayout
{
    public static Spot[]? Place(Sketch sketch)
    {
        bool IsLeaf(int node) => sketch.Neighbours(node).Count == 1;
        int[][] pieces = sketch.Pieces((a, b) => sketch.Neighbours(a).Any(other => sketch.AreLinked(other, b)));
        int[][] groups = [.. pieces.Where(piece => piece.Length > 1 || !IsLeaf(piece[0]))];
        if (groups.Length < 3 || groups.Any(group => group.Length < 3 || sketch.Part(group).Pairs != group.Length * (group.Length - 1) / 2))
            return null;
        ILookup<int, int> leaves = Enumerable.Range(0, sketch.Count).Where(IsLeaf).ToLookup(node => sketch.Neighbours(node).First());

        double pitch = sketch.WidestNode + 36, ring = pitch * groups.Max(group => group.Length) / (2 * Math.PI);
        int most = groups.SelectMany(group => group).Max(node => leaves[node].Count());
        double reach = ring + (most == 0 ? 0 : sketch.WidestNode + 40) + sketch.WidestNode;
        double radius = Math.Max(reach * 1.1, 2 * reach * groups.Length / (2 * Math.PI));
        var spots = new Spot[sketch.Count];
        foreach ((int index, int[] group) in groups.Index())
        {
            Spot middle = Spot.OnCircle(radius, 2 * Math.PI * index / groups.Length);
            double inwards = (2 * Math.PI * index / groups.Length) + Math.PI;
            foreach ((int place, int node) in group.OrderBy(node => Turn(sketch, node, groups, index)).ThenBy(node => node).Index())
            {
                double angle = inwards - Math.PI + (2 * Math.PI * (place + 0.5) / group.Length);
                spots[node] = middle + Spot.OnCircle(ring, angle);
                int count = leaves[node].Count();
                foreach ((int leaf, int at) in leaves[node].Index())
                    spots[at] = middle + Spot.OnCircle(ring + sketch.WidestNode + 40, angle + ((leaf - ((count - 1) / 2.0)) * 0.9 / count));
            }
        }

        return spots;
    }

    // How many groups further on the circle those are that a switch leads to, on average.
    private static double Turn(Sketch sketch, int node, int[][] groups, int own)
    {
        double[] steps = [.. groups.Index().Where(group => group.Index != own && group.Item.Any(other => sketch.AreLinked(node, other)))
            .Select(group => (double)((group.Index - own + groups.Length) % groups.Length))];
        return steps.Length == 0 ? groups.Length / 2.0 : steps.Average();
    }
}

namespace HpcTrain.Topology.Drawings;

/// <summary>One switch in the middle, and around it what is linked to it.</summary>
internal static class StarLayout
{
    public static Spot[]? Place(Sketch sketch)
    {
        int middle = Enumerable.Range(0, sketch.Count).FirstOrDefault(node => sketch.Nodes[node].Kind == NodeKind.Switch && sketch.Neighbours(node).Count == sketch.Count - 1, -1);
        if (middle < 0 || sketch.Count < 5 || sketch.Pairs != sketch.Count - 1)
            return null;
        int[] others = [.. Enumerable.Range(0, sketch.Count).Where(node => node != middle)];
        double radius = Math.Max(sketch.WidestNode + sketch.Nodes[middle].Width, (sketch.WidestNode + 24) * others.Length / (2 * Math.PI));
        var spots = new Spot[sketch.Count];
        for (int i = 0; i < others.Length; i++)
            spots[others[i]] = Spot.OnCircle(radius, 2 * Math.PI * i / others.Length);
        return spots;
    }
}

namespace HpcTrain.Topology.Drawings;

/// <summary>A ring as a circle in the order of its links, and nodes that are all linked to each other in the order of their numbers.</summary>
internal static class CircleLayout
{
    public static Spot[]? Place(Sketch sketch)
    {
        if (sketch.Count < 3)
            return null;
        if (sketch.Pairs == sketch.Count * (sketch.Count - 1) / 2)
            return Around([.. Enumerable.Range(0, sketch.Count)], (sketch.WidestNode + 60) * sketch.Count / (2 * Math.PI));
        return RingOrder(sketch) is { } order ? Around(order, (sketch.WidestNode + 52) * sketch.Count / (2 * Math.PI)) : null;
    }

    /// <summary>Places on a circle, the first at the top, clockwise.</summary>
    public static Spot[] Around(int[] order, double radius)
    {
        var spots = new Spot[order.Length];
        for (int i = 0; i < order.Length; i++)
            spots[order[i]] = Spot.OnCircle(Math.Max(radius, 90), 2 * Math.PI * i / order.Length);
        return spots;
    }

    private static int[]? RingOrder(Sketch sketch)
    {
        if (Enumerable.Range(0, sketch.Count).Any(node => sketch.Neighbours(node).Count != 2))
            return null;
        var order = new List<int> { 0 };
        int before = -1;
        while (true)
        {
            int next = sketch.Neighbours(order[^1]).First(node => node != before);
            if (next == 0)
                return order.Count == sketch.Count ? [.. order] : null; // else there are several rings
            before = order[^1];
            order.Add(next);
        }
    }
}

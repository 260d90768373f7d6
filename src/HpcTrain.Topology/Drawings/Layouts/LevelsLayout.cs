namespace HpcTrain.Topology.Drawings;

/// <summary>
/// Trees of switches in levels: ranks at the bottom, above them what is one link away, and so on. A switch that only joins ranks, while other nodes lead up, stands
/// below the ranks; what hangs on a switch of the first level only, as a NIC, stands beside the ranks. Each node is above the middle of those that it holds.
/// </summary>
internal static class LevelsLayout
{
    private const double Gap = 22, GapForLabels = 46, LeastRise = 84, MostRise = 260, Slope = 0.42;

    public static Spot[]? Place(Sketch sketch)
    {
        if (LevelsOf(sketch) is not { } level || level.Distinct().Count() < 2)
            return null;
        var x = new double[sketch.Count];
        int[] bottom = [.. Enumerable.Range(0, sketch.Count).Where(node => level[node] == 0)];
        double Width(IEnumerable<int> nodes) => nodes.Sum(node => sketch.Nodes[node].Width + Gap);
        double widest = Enumerable.Range(0, sketch.Count).GroupBy(node => level[node]).Max(Width);
        double gap = Math.Max(bottom.Any(node => sketch.Neighbours(node).Any(near => level[near] == 0)) ? GapForLabels : Gap, Gap + ((widest - Width(bottom)) / bottom.Length));
        int FirstBelow(int node) => sketch.Neighbours(node).Where(near => level[near] == 0).Append(node).Min();
        Spread(sketch, bottom.OrderBy(node => sketch.Neighbours(node).Where(near => level[near] == 1).Select(FirstBelow).Append(node).Min()).ThenBy(node => node), gap, _ => 0, x);
        foreach (int here in level.Distinct().Where(l => l != 0).OrderBy(Math.Abs))
        {
            int[] nodes = [.. Enumerable.Range(0, sketch.Count).Where(node => level[node] == here)];
            double Wish(int node) => sketch.Neighbours(node).Where(near => Math.Abs(level[near]) < Math.Abs(here)).Select(near => x[near]).Average();
            Spread(sketch, nodes.OrderBy(node => Math.Round(Wish(node), 3)).ThenBy(node => node), Gap, Wish, x);
        }

        // The farther a line leads to the side, the higher it has to rise to pass the nodes beside its end.
        int[] levels = [.. level.Distinct().Order()];
        var y = new Dictionary<int, double> { [levels[0]] = 0 };
        foreach ((int below, int above) in levels.Zip(levels.Skip(1)))
        {
            double side = sketch.Links.Where(link => Math.Min(level[link.A], level[link.B]) == below && Math.Max(level[link.A], level[link.B]) == above)
                .Select(link => Math.Abs(x[link.A] - x[link.B])).DefaultIfEmpty().Max();
            y[above] = y[below] - sketch.HighestNode - Math.Clamp(Slope * side, LeastRise, MostRise);
        }

        return [.. Enumerable.Range(0, sketch.Count).Select(node => new Spot(x[node], y[level[node]]))];
    }

    private static int[]? LevelsOf(Sketch sketch)
    {
        int[] level = Ways.Lengths(sketch, Enumerable.Range(0, sketch.Count).Where(node => sketch.Nodes[node].HoldsRanks));
        if (level.Contains(int.MaxValue))
            return null;
        for (int node = 0; node < sketch.Count; node++)
        {
            if (level[node] == 2 && sketch.Neighbours(node).Count == 1 && sketch.Nodes[node].Kind != NodeKind.Switch)
                level[node] = 0;
        }

        int[] joining = [.. Enumerable.Range(0, sketch.Count).Where(node => level[node] == 1 && sketch.Nodes[node].Kind == NodeKind.Switch
            && sketch.Neighbours(node).All(near => sketch.Nodes[near].HoldsRanks))];
        if (Enumerable.Range(0, sketch.Count).Count(node => level[node] == 1) > joining.Length)
        {
            foreach (int node in joining)
                level[node] = -1;
        }

        return level;
    }

    // Nodes of a level stand in their order as near to their wishes as they can: blocks of nodes that touch move to the mean of what they wish for.
    private static void Spread(Sketch sketch, IEnumerable<int> order, double gap, Func<int, double> wish, double[] x)
    {
        var blocks = new List<(List<int> Nodes, double Wishes, double Width)>();
        foreach (int node in order)
        {
            (List<int> Nodes, double Wishes, double Width) block = ([node], wish(node), sketch.Nodes[node].Width + gap);
            while (blocks.Count > 0 && Middle(blocks[^1]) + ((blocks[^1].Width + block.Width) / 2) > Middle(block))
            {
                (List<int> Nodes, double Wishes, double Width) before = blocks[^1];
                blocks.RemoveAt(blocks.Count - 1);
                block = ([.. before.Nodes, .. block.Nodes], before.Wishes + block.Wishes, before.Width + block.Width);
            }

            blocks.Add(block);
        }

        foreach ((List<int> Nodes, double Wishes, double Width) block in blocks)
        {
            double left = Middle(block) - (block.Width / 2);
            foreach (int node in block.Nodes)
            {
                x[node] = left + ((sketch.Nodes[node].Width + gap) / 2);
                left += sketch.Nodes[node].Width + gap;
            }
        }

        static double Middle((List<int> Nodes, double Wishes, double Width) block) => block.Wishes / block.Nodes.Count;
    }
}

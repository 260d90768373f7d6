namespace HpcTrain.Topology;

/// <summary>
/// Packs trees one after the other, each over the links that have the most capacity left, and hopes that it works out.
/// </summary>
/// <remarks>
/// A tree grows like Prim's: of the links that lead out of it, the one with the most capacity left goes first; of equals, the one nearest to the root. So links of a
/// kind wear evenly, scarce ones (between boxes) are crossed as rarely as can be, and on graphs with symmetry it often reaches the optimum: then a thousand roots
/// take seconds, where the exact packing would take days. O(links log links) per tree.
/// </remarks>
internal static class GreedyForest
{
    /// <summary>Trees that carry all demands, or null where one found no way. <see cref="LogicalLink.Left"/> is used up.</summary>
    public static List<LogicalTree>? Pack(LogicalLinks links, IEnumerable<RootDemand> demands)
    {
        foreach (LogicalLink link in links.All)
            link.Left = link.Capacity;
        var trees = new List<LogicalTree>();
        foreach (RootDemand demand in demands)
        {
            for (long left = demand.Weight; left > 0;)
            {
                if (Grow(links, demand.Root) is not { } grown)
                    return null;
                long weight = grown.Aggregate(left, (least, link) => Math.Min(least, link.Left));
                foreach (LogicalLink link in grown)
                    link.Left -= weight;
                trees.Add(new(demand.Root, weight, grown));
                left -= weight;
            }
        }

        return trees;
    }

    private static List<LogicalLink>? Grow(LogicalLinks links, int root)
    {
        int ranks = links.Graph.Ranks;
        var depth = new int[ranks];
        Array.Fill(depth, -1);
        var open = new PriorityQueue<LogicalLink, (long Narrow, int Depth)>();
        var tree = new List<LogicalLink>(ranks - 1);
        Reach(root, 0);
        while (tree.Count < ranks - 1 && open.TryDequeue(out LogicalLink? link, out _))
        {
            if (depth[link.To] >= 0)
                continue;
            tree.Add(link);
            Reach(link.To, depth[link.From] + 1);
        }

        return tree.Count == ranks - 1 ? tree : null;

        void Reach(int rank, int at)
        {
            depth[rank] = at;
            foreach (LogicalLink link in links.From(rank))
            {
                if (link.Left > 0 && link.To < ranks && depth[link.To] < 0) // a guess may leave capacity at switches
                    open.Enqueue(link, (-link.Left, at));
            }
        }
    }
}

namespace HpcTrain.Topology;

/// <summary>Proves a packing of trees against its graph, whoever made it.</summary>
public static class TreePackingCheck
{
    /// <summary>What is wrong with a packing, a sentence each; empty if nothing is.</summary>
    /// <remarks>
    /// Every tree spans the ranks, edge after edge from its root; every edge's path follows links of the graph; no link carries more than its bandwidth, where an
    /// allreduce uses both directions of its edges; the roots get what their collective owes them; the rate is no more than the optimum.
    /// </remarks>
    public static IReadOnlyList<string> Faults(LinkGraph graph, TreePacking packing)
    {
        var faults = new List<string>();
        var links = graph.Links.ToDictionary(link => (link.From, link.To));
        var load = new Dictionary<(int From, int To), Rational>();
        for (int number = 0; number < packing.Trees.Length; number++)
        {
            PackedTree tree = packing.Trees[number];
            if (tree.Weight.Sign <= 0)
                faults.Add($"Tree {number} has weight {tree.Weight}.");
            if (Spans(tree, graph.Ranks, packing.Collective == PackedCollective.ReduceScatter) is { } fault)
                faults.Add($"Tree {number} of root {tree.Root} {fault}.");
            foreach (TreeEdge edge in tree.Edges)
            {
                if (edge.Path.Length < 2 || edge.Path[0] != edge.From || edge.Path[^1] != edge.To)
                    faults.Add($"Tree {number} has an edge from {edge.From} to {edge.To} along the path {string.Join('-', edge.Path)}.");
                for (int i = 1; i < edge.Path.Length; i++)
                {
                    Add(load, (edge.Path[i - 1], edge.Path[i]), tree.Weight);
                    if (packing.Collective == PackedCollective.AllReduce)
                        Add(load, (edge.Path[i], edge.Path[i - 1]), tree.Weight);
                }
            }
        }

        foreach (((int From, int To) ends, Rational carried) in load.OrderBy(pair => pair.Key))
        {
            if (!links.TryGetValue(ends, out Link? link))
                faults.Add($"There is no link from node {ends.From} to node {ends.To}.");
            else if (carried > link.Bandwidth)
                faults.Add($"The link from node {ends.From} to node {ends.To} has {link.Bandwidth} GB/s and is to carry {carried}.");
        }

        CheckRoots(graph, packing, faults);
        if (packing.Rate > packing.Optimum)
            faults.Add($"The rate {packing.Rate} is above the optimum {packing.Optimum}.");
        return faults;
    }

    private static void Add(Dictionary<(int From, int To), Rational> load, (int From, int To) ends, Rational weight) =>
        load[ends] = load.GetValueOrDefault(ends) + weight;

    private static string? Spans(PackedTree tree, int ranks, bool towardsRoot)
    {
        if ((uint)tree.Root >= (uint)ranks)
            return "has an unknown root";
        var reached = new bool[ranks];
        reached[tree.Root] = true;
        foreach (TreeEdge edge in tree.Edges)
        {
            (int near, int far) = towardsRoot ? (edge.To, edge.From) : (edge.From, edge.To);
            if ((uint)near >= (uint)ranks || (uint)far >= (uint)ranks || !reached[near] || reached[far])
                return $"cannot have the edge {edge.From}-{edge.To} there";
            reached[far] = true;
        }

        int missing = Array.IndexOf(reached, false);
        return missing < 0 ? null : $"does not reach rank {missing}";
    }

    private static void CheckRoots(LinkGraph graph, TreePacking packing, List<string> faults)
    {
        var roots = packing.Trees.GroupBy(tree => tree.Root).ToDictionary(group => group.Key, group => group.Aggregate(Rational.Zero, (sum, tree) => sum + tree.Weight));
        if (packing.Collective == PackedCollective.Broadcast && roots.Count > 1)
            faults.Add($"A broadcast has one root, not {roots.Count}.");
        if (packing.Collective is not (PackedCollective.AllGather or PackedCollective.ReduceScatter))
            return;
        Rational share = packing.Rate / graph.Ranks;
        for (int rank = 0; rank < graph.Ranks; rank++)
        {
            if (roots.GetValueOrDefault(rank) != share)
                faults.Add($"The trees of root {rank} weigh {roots.GetValueOrDefault(rank)} together, not {share} as for every rank.");
        }
    }
}

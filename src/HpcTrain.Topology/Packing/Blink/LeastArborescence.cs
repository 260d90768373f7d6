namespace HpcTrain.Topology;

/// <summary>The tree out of a root whose links are shortest together.</summary>
/// <remarks>
/// Every node takes its shortest link. Where these make cycles, each cycle becomes one node, links into it cost what they add to the link that they would replace, and
/// it starts again; at the end cycles are opened where the tree enters them. O(nodes links). Y. Chu and T. Liu 1965, J. Edmonds 1967.
/// </remarks>
internal static class LeastArborescence
{
    /// <summary>The links of the tree, by number, in no order; every node is reached from the root.</summary>
    /// <param name="nodes">The number of nodes.</param>
    /// <param name="root">The root.</param>
    /// <param name="ends">The ends of each link.</param>
    /// <param name="lengths">The length of each link.</param>
    public static List<int> Find(int nodes, int root, IReadOnlyList<(int From, int To)> ends, IReadOnlyList<double> lengths)
    {
        var entering = new int[nodes];
        Array.Fill(entering, -1);
        for (int link = 0; link < ends.Count; link++)
        {
            (int from, int to) = ends[link];
            if (from != to && to != root && (entering[to] < 0 || lengths[link] < lengths[entering[to]]))
                entering[to] = link;
        }

        (int[] group, int groups) = Cycles(nodes, root, ends, entering);
        if (groups == nodes)
            return [.. entering.Where(link => link >= 0)];
        (int From, int To)[] outer = [.. ends.Select(link => (group[link.From], group[link.To]))];
        double[] added = [.. ends.Select((link, number) => link.To == root ? lengths[number] : lengths[number] - lengths[entering[link.To]])];
        List<int> tree = Find(groups, group[root], outer, added);
        HashSet<int> entered = [.. tree.Select(link => ends[link].To)];
        tree.AddRange(Enumerable.Range(0, nodes).Where(node => entering[node] >= 0 && !entered.Contains(node) && group.Count(other => other == group[node]) > 1)
            .Select(node => entering[node]));
        return tree;
    }

    /// <summary>The number of the group of each node: nodes of a cycle share one.</summary>
    private static (int[] Group, int Groups) Cycles(int nodes, int root, IReadOnlyList<(int From, int To)> ends, int[] entering)
    {
        var group = new int[nodes];
        var walk = new int[nodes];
        Array.Fill(group, -1);
        Array.Fill(walk, -1);
        int groups = 0;
        for (int start = 0; start < nodes; start++)
        {
            int node = start;
            while (node != root && walk[node] < 0)
            {
                walk[node] = start;
                node = ends[entering[node]].From;
            }

            if (node == root || walk[node] != start || group[node] >= 0)
                continue;
            for (int next = node; group[next] < 0; next = ends[entering[next]].From)
                group[next] = groups;
            groups++;
        }

        for (int node = 0; node < nodes; node++)
        {
            if (group[node] < 0)
                group[node] = groups++;
        }

        return (group, groups);
    }
}

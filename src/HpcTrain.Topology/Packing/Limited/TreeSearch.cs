namespace HpcTrain.Topology;

/// <summary>All trees of a small graph that lead out of a root, and the choice of a few of them that carries the most: by trying all.</summary>
internal static class TreeSearch
{
    private const int MostTrees = 200, MostChoices = 4000;

    /// <summary>All trees as links from the root outwards, or null if there are more than can be tried.</summary>
    public static List<Link[]>? AllTrees(LinkGraph graph, int root)
    {
        int[] others = [.. Enumerable.Range(0, graph.Ranks).Where(rank => rank != root)];
        const double MostParents = 100 * MostTrees;
        if (graph.Nodes.Length > graph.Ranks || others.Aggregate(1.0, (product, rank) => product * graph.LinksTo(rank).Length) > MostParents)
            return null;
        var trees = new List<Link[]>();
        var parent = new Link[graph.Ranks];
        Choose(0);
        return trees.Count <= MostTrees ? trees : null;

        void Choose(int next)
        {
            if (next == others.Length)
            {
                if (Outwards(parent, root) is { } tree)
                    trees.Add(tree);
                return;
            }

            foreach (Link link in graph.LinksTo(others[next]))
            {
                parent[others[next]] = link;
                Choose(next + 1);
            }
        }
    }

    /// <summary>The best choice of trees, or null if there are more choices than can be tried.</summary>
    /// <param name="uses">The links that each tree uses.</param>
    /// <param name="bandwidths">What each link carries.</param>
    /// <param name="most">The number of trees to choose.</param>
    public static int[]? Best(IReadOnlyList<int[]> uses, IReadOnlyList<Rational> bandwidths, int most)
    {
        double choices = 1;
        for (int i = 0; i < most; i++)
            choices *= (uses.Count - i) / (i + 1.0);
        if (choices > MostChoices)
            return null;
        var chosen = new int[most];
        int[]? best = null;
        Rational rate = Rational.Zero;
        Choose(0, 0);
        return best;

        void Choose(int place, int from)
        {
            if (place == most)
            {
                Rational sum = PackingSimplex.Solve([.. chosen.Select(tree => uses[tree])], bandwidths).Aggregate(Rational.Zero, (total, weight) => total + weight);
                if (sum > rate)
                    (rate, best) = (sum, [.. chosen]);
                return;
            }

            for (chosen[place] = from; chosen[place] <= uses.Count - (most - place); chosen[place]++)
                Choose(place + 1, chosen[place] + 1);
        }
    }

    /// <summary>Links that enter all ranks but the root, ordered outwards; null if they do not come from the root.</summary>
    private static Link[]? Outwards(Link[] parent, int root)
    {
        ILookup<int, Link> leaving = parent.Where(link => link != null).ToLookup(link => link.From);
        var tree = new List<Link>(leaving[root]);
        for (int i = 0; i < tree.Count; i++)
            tree.AddRange(leaving[tree[i].To]);
        return tree.Count == parent.Length - 1 ? [.. tree] : null;
    }
}

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>What is to be packed: trees of one root, that together carry a weight in the unit of the scaled links.</summary>
internal readonly record struct RootDemand(int Root, long Weight);

/// <summary>A tree of logical links, from the root outwards, and its weight in the unit of the scaled links.</summary>
internal sealed record LogicalTree(int Root, long Weight, IReadOnlyList<LogicalLink> Links)
{
    /// <summary>
    /// Gives each edge of each tree one path. Where no route of a link is wide enough for the tree, the tree is cut into lighter ones that take different paths.
    /// </summary>
    /// <param name="trees">Trees that fit their links.</param>
    /// <param name="graph">The graph under the links.</param>
    /// <param name="capacities">What its links carry, by number.</param>
    /// <param name="unit">What a weight of 1 stands for.</param>
    public static ImmutableArray<PackedTree> ToPaths(IEnumerable<LogicalTree> trees, LinkGraph graph, IReadOnlyList<long> capacities, Rational unit)
    {
        var free = new Dictionary<LogicalLink, List<Route>>();
        var loads = new Dictionary<ImmutableArray<int>, long>();
        (LogicalTree Tree, long Weight, ImmutableArray<int>[] Paths)[] parts = [.. trees.SelectMany(tree => Parts(tree, free).Select(part => (tree, part.Weight, part.Paths)))];
        foreach ((_, long weight, ImmutableArray<int>[] paths) in parts)
        {
            foreach (ImmutableArray<int> path in paths)
                loads[path] = loads.GetValueOrDefault(path) + weight;
        }

        Dictionary<ImmutableArray<int>, ImmutableArray<int>> better = ShorterRoutes.Find(graph, capacities, loads);
        return [.. parts.Select(part => new PackedTree(part.Tree.Root, unit * part.Weight, [.. part.Paths.Select(path => new TreeEdge(path[0], path[^1], better[path]))]))];
    }

    private static IEnumerable<(long Weight, ImmutableArray<int>[] Paths)> Parts(LogicalTree tree, Dictionary<LogicalLink, List<Route>> free)
    {
        var chosen = new int[tree.Links.Count];
        for (long left = tree.Weight; left > 0;)
        {
            long part = left;
            for (int i = 0; i < chosen.Length; i++)
            {
                List<Route> routes = Free(tree.Links[i]);
                chosen[i] = Widest(routes, part);
                part = Math.Min(part, routes[chosen[i]].Capacity);
            }

            var paths = new ImmutableArray<int>[chosen.Length];
            for (int i = 0; i < chosen.Length; i++)
            {
                List<Route> routes = Free(tree.Links[i]);
                Route route = routes[chosen[i]];
                paths[i] = route.Path;
                routes[chosen[i]] = route with { Capacity = route.Capacity - part };
            }

            yield return (part, paths);
            left -= part;
        }

        List<Route> Free(LogicalLink link)
        {
            if (!free.TryGetValue(link, out List<Route>? routes))
                free.Add(link, routes = [.. link.Routes]);
            return routes;
        }
    }

    /// <summary>The narrowest route that takes a weight, or else the widest.</summary>
    private static int Widest(List<Route> routes, long weight)
    {
        int best = 0;
        for (int i = 1; i < routes.Count; i++)
        {
            long one = routes[i].Capacity, other = routes[best].Capacity;
            if (other < weight ? one > other : one >= weight && one < other)
                best = i;
        }

        return best;
    }
}

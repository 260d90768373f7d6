using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>Replaces routes through switches by shorter ones.</summary>
/// <remarks>
/// Splitting off switch after switch composes routes that may climb and descend a tree of switches several times over. The trees use only a part of the links, so there
/// mostly is a shorter way: route by route, the longest first, its load is taken off, and put on the shortest path with room for it. Its own path has room, so nothing
/// gets longer, and no link gets more than it carries. This is done again while it helps. A breadth-first search for each route of more than one switch.
/// </remarks>
internal sealed class ShorterRoutes
{
    private const int OneSwitch = 3, MostPasses = 8;
    private readonly LinkGraph _graph;
    private readonly Dictionary<(int From, int To), long> _left;
    private readonly int[] _before;

    private ShorterRoutes(LinkGraph graph, IReadOnlyList<long> capacities)
    {
        _graph = graph;
        _left = graph.Links.Index().ToDictionary(pair => (pair.Item.From, pair.Item.To), pair => capacities[pair.Index]);
        _before = new int[graph.Nodes.Length];
    }

    /// <summary>The path to take instead of each that is in use; the same where there is no better.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="capacities">By the numbers of its links.</param>
    /// <param name="loads">What each path carries; together they fit the capacities.</param>
    public static Dictionary<ImmutableArray<int>, ImmutableArray<int>> Find(LinkGraph graph, IReadOnlyList<long> capacities, Dictionary<ImmutableArray<int>, long> loads)
    {
        var routes = new ShorterRoutes(graph, capacities);
        foreach ((ImmutableArray<int> path, long load) in loads)
            routes.Put(path, load);
        Dictionary<ImmutableArray<int>, ImmutableArray<int>> better = loads.Keys.ToDictionary(path => path);
        bool isShorter = true;
        for (int pass = 0; pass < MostPasses && isShorter; pass++)
        {
            isShorter = false;
            foreach ((ImmutableArray<int> path, long load) in loads.OrderByDescending(pair => better[pair.Key].Length).ThenByDescending(pair => pair.Value))
            {
                ImmutableArray<int> before = better[path];
                better[path] = before.Length > OneSwitch ? routes.Replace(before, load) : before;
                isShorter |= better[path].Length < before.Length;
            }
        }

        return better;
    }

    private ImmutableArray<int> Replace(ImmutableArray<int> path, long load)
    {
        Put(path, -load);
        ImmutableArray<int> shortest = Shortest(path[0], path[^1], load);
        ImmutableArray<int> chosen = shortest.Length < path.Length ? shortest : path;
        Put(chosen, load);
        return chosen;
    }

    private void Put(ImmutableArray<int> path, long load)
    {
        for (int i = 1; i < path.Length; i++)
            _left[(path[i - 1], path[i])] -= load;
    }

    /// <summary>The shortest path over switches whose links have room; there is one.</summary>
    private ImmutableArray<int> Shortest(int from, int to, long load)
    {
        Array.Fill(_before, -1);
        _before[from] = from;
        var open = new Queue<int>([from]);
        while (_before[to] < 0)
        {
            int node = open.Dequeue();
            foreach (Link link in _graph.LinksFrom(node))
            {
                if (_before[link.To] >= 0 || (link.To < _graph.Ranks && link.To != to) || _left[(node, link.To)] < load)
                    continue;
                _before[link.To] = node;
                open.Enqueue(link.To);
            }
        }

        var path = new List<int> { to };
        while (path[^1] != from)
            path.Add(_before[path[^1]]);
        path.Reverse();
        return [.. path];
    }
}

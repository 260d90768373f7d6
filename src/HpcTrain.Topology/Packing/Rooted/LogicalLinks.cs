using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>A part of a logical link: capacity along one path of the graph.</summary>
internal readonly record struct Route(long Capacity, ImmutableArray<int> Path);

/// <summary>Capacity from one node to another, over the routes that make it up.</summary>
internal sealed class LogicalLink(int from, int to)
{
    private readonly Queue<Route> _routes = new();

    public int From { get; } = from;

    public int To { get; } = to;

    /// <summary>The sum over the routes.</summary>
    public long Capacity { get; private set; }

    /// <summary>What trees have left of it.</summary>
    public long Left { get; set; }

    public IEnumerable<Route> Routes => _routes;

    public void Add(Route route)
    {
        _routes.Enqueue(route);
        Capacity += route.Capacity;
    }

    /// <summary>Takes off capacity, first of the oldest routes.</summary>
    public List<Route> Take(long capacity)
    {
        var taken = new List<Route>();
        Capacity -= capacity;
        while (capacity > 0)
        {
            Route route = _routes.Dequeue();
            long part = Math.Min(capacity, route.Capacity);
            taken.Add(route with { Capacity = part });
            capacity -= part;
            if (part < route.Capacity)
                _routes.Enqueue(route with { Capacity = route.Capacity - part });
        }

        return taken;
    }
}

/// <summary>
/// What a graph's links amount to for its ranks: at first the links themselves; splitting off a pair of links at a switch makes them one link past it. In the end
/// links lead from rank to rank only, and each knows its paths.
/// </summary>
internal sealed class LogicalLinks
{
    private readonly Dictionary<(int From, int To), LogicalLink> _links = [];
    private readonly List<LogicalLink>[] _out, _in;

    /// <summary>The links of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="capacities">By the numbers of its links.</param>
    public LogicalLinks(LinkGraph graph, IReadOnlyList<long> capacities)
    {
        Graph = graph;
        _out = [.. graph.Nodes.Select(_ => new List<LogicalLink>())];
        _in = [.. graph.Nodes.Select(_ => new List<LogicalLink>())];
        for (int i = 0; i < graph.Links.Length; i++)
            Between(graph.Links[i].From, graph.Links[i].To).Add(new(capacities[i], [graph.Links[i].From, graph.Links[i].To]));
    }

    /// <summary>The graph whose paths the links take.</summary>
    public LinkGraph Graph { get; }

    /// <summary>All links that have capacity.</summary>
    public IEnumerable<LogicalLink> All => _out.SelectMany(links => links).Where(link => link.Capacity > 0);

    /// <summary>The links that leave a node; some may have lost their capacity.</summary>
    public IReadOnlyList<LogicalLink> From(int node) => _out[node];

    /// <summary>The links that enter a node; some may have lost their capacity.</summary>
    public IReadOnlyList<LogicalLink> To(int node) => _in[node];

    /// <summary>The link from a node to another, made on demand.</summary>
    public LogicalLink Between(int from, int to)
    {
        if (!_links.TryGetValue((from, to), out LogicalLink? link))
        {
            link = new(from, to);
            _links.Add((from, to), link);
            _out[from].Add(link);
            _in[to].Add(link);
        }

        return link;
    }

    /// <summary>Turns capacity into a node and out of it into capacity past it. What leads back to where it came from is dropped.</summary>
    public void Apply(SplitOff split)
    {
        List<Route> into = Between(split.From, split.Over).Take(split.Capacity), outOf = Between(split.Over, split.To).Take(split.Capacity);
        if (split.From == split.To)
            return;
        LogicalLink past = Between(split.From, split.To);
        for (int i = 0, o = 0; i < into.Count;)
        {
            long part = Math.Min(into[i].Capacity, outOf[o].Capacity);
            past.Add(new(part, [.. into[i].Path, .. outOf[o].Path.AsSpan()[1..]]));
            into[i] = into[i] with { Capacity = into[i].Capacity - part };
            outOf[o] = outOf[o] with { Capacity = outOf[o].Capacity - part };
            i += into[i].Capacity == 0 ? 1 : 0;
            o += outOf[o].Capacity == 0 ? 1 : 0;
        }
    }
}

/// <summary>A pair of links to be made one: from a node over another to a third.</summary>
internal readonly record struct SplitOff(int From, int Over, int To, long Capacity);

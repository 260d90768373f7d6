namespace HpcTrain.Topology;

/// <summary>
/// A link graph in the making. Nodes come in any order; in the graph they stand by kind, those of a kind in the order in which they came. Links
/// between the same two nodes become one with the sum of their bandwidths.
/// </summary>
internal sealed class GraphAssembly
{
    private readonly List<LinkNode> _nodes = [];
    private readonly Dictionary<(int From, int To), Link> _links = [];

    /// <summary>Adds a node and gives the number that links name it by until the graph is made.</summary>
    public int Add(NodeKind kind, string name, int box = 0)
    {
        _nodes.Add(new(kind, name, box));
        return _nodes.Count - 1;
    }

    /// <summary>Links two nodes in both directions.</summary>
    public void Connect(int a, int b, Rational bandwidth, string name = "", double latencySeconds = 0)
    {
        ConnectOneWay(a, b, bandwidth, name, latencySeconds);
        ConnectOneWay(b, a, bandwidth, name, latencySeconds);
    }

    /// <summary>Links a node to another.</summary>
    public void ConnectOneWay(int from, int to, Rational bandwidth, string name = "", double latencySeconds = 0)
    {
        var link = new Link(from, to, bandwidth, latencySeconds, name);
        if (_links.TryGetValue((from, to), out Link? before))
        {
            link = link with
            {
                Bandwidth = before.Bandwidth + bandwidth,
                LatencySeconds = Math.Min(before.LatencySeconds, latencySeconds),
                Name = before.Name == name ? name : $"{before.Name} + {name}",
            };
        }

        _links[(from, to)] = link;
    }

    /// <summary>The graph.</summary>
    /// <exception cref="TopologyException">As <see cref="LinkGraph"/> says.</exception>
    public LinkGraph ToGraph(string name)
    {
        int[] order = [.. Enumerable.Range(0, _nodes.Count).OrderBy(node => _nodes[node].Kind)];
        var numbers = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
            numbers[order[i]] = i;
        return new(name, order.Select(node => _nodes[node]), _links.Values.Select(link => link with { From = numbers[link.From], To = numbers[link.To] }));
    }
}

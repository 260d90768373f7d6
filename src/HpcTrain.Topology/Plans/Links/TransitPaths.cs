namespace HpcTrain.Topology;

/// <summary>The shortest paths from a rank to others that pass through no third rank.</summary>
internal sealed class TransitPaths
{
    private readonly int[] _before;

    /// <summary>Searches from a rank in ever wider circles.</summary>
    public TransitPaths(LinkGraph graph, int from)
    {
        From = from;
        _before = new int[graph.Nodes.Length];
        Array.Fill(_before, -1);
        _before[from] = from;
        var open = new Queue<int>([from]);
        while (open.TryDequeue(out int node))
        {
            foreach (Link link in graph.LinksFrom(node))
            {
                if (_before[link.To] >= 0)
                    continue;
                _before[link.To] = node;
                if (graph.Nodes[link.To].IsTransit)
                    open.Enqueue(link.To);
            }
        }
    }

    /// <summary>The rank that they begin at.</summary>
    public int From { get; }

    /// <summary>The number of links to a node, or <see cref="int.MaxValue"/> if there is no path.</summary>
    public int Length(int to)
    {
        int length = 0;
        for (int node = to; node != From; node = _before[node], length++)
        {
            if (_before[node] < 0)
                return int.MaxValue;
        }

        return length;
    }

    /// <summary>The path to a rank, or null.</summary>
    public TreeEdge? To(int to)
    {
        int length = Length(to);
        if (length == int.MaxValue)
            return null;
        var path = new int[length + 1];
        for (int node = to, i = length; i >= 0; node = _before[node], i--)
            path[i] = node;
        return new(From, to, [.. path]);
    }
}

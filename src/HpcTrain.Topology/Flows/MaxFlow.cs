namespace HpcTrain.Topology;

/// <summary>
/// The largest flow between two nodes and the smallest cut that bounds it. Arcs and capacities stay between runs, and so do all buffers: a run allocates nothing.
/// One thread at a time.
/// </summary>
/// <remarks>
/// Dinic's algorithm: count every node's distance to the sink along arcs with capacity to spare, send flow along arcs that come closer by one until none is left
/// (a blocking flow), count again. Each round makes the shortest path longer, so there are fewer rounds than nodes; on link graphs, a handful. Distances are counted
/// from the sink, so that paths from the source do not run into dead ends other than those made in the same round. O(nodes^2 arcs) at worst. Y. Dinitz, 1970.
/// </remarks>
public sealed class MaxFlow
{
    /// <summary>A capacity that no cut should cross; sums of a few of them do not overflow.</summary>
    public const long Unbounded = long.MaxValue / 8;

    private const int None = -1;
    private readonly int[] _first, _cursor, _distance, _queue, _path;
    private int[] _next = new int[64], _head = new int[64]; // arc 2i leads from head[2i+1] to head[2i]; arc 2i+1 takes its flow back
    private long[] _capacity = new long[64], _left = new long[64];
    private int _arcs;

    /// <summary>A network without arcs.</summary>
    /// <param name="nodes">The number of nodes.</param>
    public MaxFlow(int nodes)
    {
        _first = new int[nodes];
        _cursor = new int[nodes];
        _distance = new int[nodes];
        _queue = new int[nodes];
        _path = new int[nodes];
        Array.Fill(_first, None);
    }

    /// <summary>The number of nodes.</summary>
    public int Nodes => _first.Length;

    /// <summary>The capacity of an arc, 0 or more.</summary>
    /// <param name="arc">What <see cref="AddArc"/> returned.</param>
    public long this[int arc]
    {
        get => _capacity[arc];
        set => _capacity[arc] = value;
    }

    /// <summary>Adds an arc and returns its number.</summary>
    /// <param name="from">The node that it leaves.</param>
    /// <param name="to">The node that it enters.</param>
    /// <param name="capacity">0 or more; the sum over all arcs but those of <see cref="Unbounded"/> stays below <see cref="Unbounded"/>.</param>
    /// <param name="back">The capacity of the other direction: the same for an undirected edge.</param>
    public int AddArc(int from, int to, long capacity, long back = 0)
    {
        if (_arcs == _head.Length)
        {
            Array.Resize(ref _next, 2 * _arcs);
            Array.Resize(ref _head, 2 * _arcs);
            Array.Resize(ref _capacity, 2 * _arcs);
            Array.Resize(ref _left, 2 * _arcs);
        }

        int arc = _arcs;
        AddHalf(from, to, capacity);
        AddHalf(to, from, back);
        return arc;
    }

    /// <summary>The largest flow from a node to another.</summary>
    /// <param name="source">Where it begins.</param>
    /// <param name="sink">Where it ends; another node.</param>
    /// <param name="enough">More flow than this is not looked for: what is returned is at most this, and the cut means something only if it is less.</param>
    public long Run(int source, int sink, long enough = long.MaxValue)
    {
        _capacity.AsSpan(0, _arcs).CopyTo(_left);
        long flow = 0;
        while (flow < enough && CountDistances(source, sink))
        {
            _first.CopyTo(_cursor, 0);
            flow += Block(source, sink, enough - flow);
        }

        return flow;
    }

    /// <summary>Whether the cut of the last run has a node on the source's side. The capacities of the arcs that leave this side sum up to the flow.</summary>
    public bool IsOnSourceSide(int node) => _distance[node] == None;

    /// <summary>What the last run sends along an arc; less than 0 if it uses the capacity back.</summary>
    public long FlowAlong(int arc) => _capacity[arc] - _left[arc];

    private void AddHalf(int from, int to, long capacity)
    {
        _head[_arcs] = to;
        _capacity[_arcs] = capacity;
        _next[_arcs] = _first[from];
        _first[from] = _arcs++;
    }

    private bool CountDistances(int source, int sink)
    {
        Array.Fill(_distance, None);
        _distance[sink] = 0;
        _queue[0] = sink;
        for (int read = 0, written = 1; read < written; read++)
        {
            int node = _queue[read];
            for (int arc = _first[node]; arc != None; arc = _next[arc])
            {
                int before = _head[arc];
                if (_left[arc ^ 1] > 0 && _distance[before] == None)
                {
                    _distance[before] = _distance[node] + 1;
                    if (before == source)
                        return true;
                    _queue[written++] = before;
                }
            }
        }

        return false;
    }

    private long Block(int source, int sink, long most)
    {
        long flow = 0;
        int node = source, length = 0;
        while (true)
        {
            if (node == sink)
            {
                (long pushed, length) = Push(length, most - flow);
                flow += pushed;
                if (flow == most)
                    return flow;
                node = length == 0 ? source : _head[_path[length - 1]];
                continue;
            }

            int arc = _cursor[node];
            while (arc != None && (_left[arc] == 0 || _distance[_head[arc]] != _distance[node] - 1))
                arc = _next[arc];
            _cursor[node] = arc;
            if (arc != None)
            {
                _path[length++] = arc;
                node = _head[arc];
            }
            else if (node == source)
            {
                return flow;
            }
            else
            {
                node = _head[_path[--length] ^ 1];
                _cursor[node] = _next[_cursor[node]];
            }
        }
    }

    /// <summary>Sends along the path what its narrowest arc takes, and shortens the path to the arcs before the first that is full now.</summary>
    private (long Pushed, int Length) Push(int length, long most)
    {
        long pushed = most;
        for (int i = 0; i < length; i++)
            pushed = Math.Min(pushed, _left[_path[i]]);
        int kept = length;
        for (int i = length - 1; i >= 0; i--)
        {
            _left[_path[i]] -= pushed;
            _left[_path[i] ^ 1] += pushed;
            if (_left[_path[i]] == 0)
                kept = i;
        }

        return (pushed, kept);
    }
}

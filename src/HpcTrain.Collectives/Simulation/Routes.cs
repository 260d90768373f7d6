using System.Collections.Immutable;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Simulation;

/// <summary>
/// The ways that messages take through a link graph: those that are given, and shortest ones for all others. Ranks pass on nobody's messages where a way past switches, NICs
/// and hosts leads to the receiver; where none does, as in a torus of ranks, the shortest way leads through ranks.
/// </summary>
/// <param name="graph">The graph.</param>
public sealed class Routes(LinkGraph graph)
{
    private readonly Dictionary<(int From, int To, int Channel), int[]> _given = [];
    private int[]? _firstLinks;
    private readonly Distances _pastNoRank = new(graph, throughRanks: false);
    private readonly Distances _throughRanks = new(graph, throughRanks: true);

    /// <summary>The graph that they lead through.</summary>
    public LinkGraph Graph => graph;

    /// <summary>Gives the way of all messages from a rank to another on a channel.</summary>
    /// <param name="from">The rank that sends.</param>
    /// <param name="to">The rank that receives.</param>
    /// <param name="channel">The channel of the lanes.</param>
    /// <param name="path">The nodes on the way, with both ends, as plans have them.</param>
    /// <exception cref="TopologyException">The path does not lead from one to the other along links of the graph.</exception>
    public void Add(int from, int to, int channel, IReadOnlyList<int> path)
    {
        if (path.Count < 2 || path[0] != from || path[^1] != to)
            throw new TopologyException($"The way of messages from rank {from} to rank {to} is {string.Join(", ", path)}; it has to lead from the one to the other.");
        var links = new int[path.Count - 1];
        for (int hop = 0; hop < links.Length; hop++)
        {
            links[hop] = Enumerable.Range(0, graph.Nodes.Length).Contains(path[hop]) ? LinkNumber(path[hop], path[hop + 1]) : -1;
            if (links[hop] < 0)
                throw new TopologyException($"The way of messages from rank {from} to rank {to} takes a link from node {path[hop]} to node {path[hop + 1]}, which topology '{graph.Name}' does not have.");
        }

        _given[(from, to, channel)] = links;
    }

    /// <summary>The links of the way, as positions in <see cref="LinkGraph.Links"/>. Asking for one destination after the other is fastest.</summary>
    /// <exception cref="TopologyException">No way leads there.</exception>
    public int[] Find(int from, int to, int channel) => _given.TryGetValue((from, to, channel), out int[]? links) ? links : Shortest(from, to, channel);

    private int[] Shortest(int from, int to, int channel)
    {
        // The fewest links. Where several go on from a node, a hash of ends, channel and node picks one, as equal-cost multi-path routing of switches does:
        // the same every time, and spread over all of them when there are many pairs.
        FindFirstLinks();
        bool throughRanks = _pastNoRank.To(to)[from] == int.MaxValue;
        int[] distances = (throughRanks ? _throughRanks : _pastNoRank).To(to);
        if (distances[from] == int.MaxValue)
        {
            throw new TopologyException($"Rank {from} cannot reach rank {to} in topology '{graph.Name}': no links lead from {graph.Nodes[from].Name} to {graph.Nodes[to].Name}; "
                + "simulate an algorithm that does not need them to, or other ranks.");
        }

        var links = new int[distances[from]];
        for (int hop = 0, node = from; node != to; hop++)
        {
            ImmutableArray<Link> leaving = graph.LinksFrom(node);
            int nearer = 0;
            foreach (Link link in leaving)
                nearer += IsNearer(link) ? 1 : 0;
            int skipped = nearer == 1 ? 0 : (int)(Hash(from, to, channel, node) % (uint)nearer);
            int next = 0;
            while (!IsNearer(leaving[next]) || skipped-- > 0)
                next++;
            links[hop] = _firstLinks![node] + next;
            node = leaving[next].To;
        }

        return links;

        bool IsNearer(Link link) =>
            distances[link.To] == distances[link.From] - 1 && (throughRanks || link.To == to || graph.Nodes[link.To].IsTransit);
    }

    private int LinkNumber(int from, int to)
    {
        FindFirstLinks();
        ImmutableArray<Link> leaving = graph.LinksFrom(from);
        for (int link = 0; link < leaving.Length; link++)
        {
            if (leaving[link].To == to)
                return _firstLinks![from] + link;
        }

        return -1;
    }

    /// <summary>Links are ordered by the nodes that they leave.</summary>
    private void FindFirstLinks()
    {
        if (_firstLinks != null)
            return;
        _firstLinks = new int[graph.Nodes.Length];
        for (int node = 1; node < _firstLinks.Length; node++)
            _firstLinks[node] = _firstLinks[node - 1] + graph.LinksFrom(node - 1).Length;
    }

    private static uint Hash(int from, int to, int channel, int node)
    {
        uint hash = ((uint)from * 0x9E3779B1) ^ ((uint)to * 0x85EBCA77) ^ ((uint)channel * 0xC2B2AE3D) ^ ((uint)node * 0x27D4EB2F);
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6D;
        hash = (hash ^ (hash >> 12)) * 0x297A2D39;
        return hash ^ (hash >> 15);
    }

    /// <summary>How many links lead from each node to a destination, worked out for one at a time.</summary>
    private sealed class Distances(LinkGraph graph, bool throughRanks)
    {
        private readonly Queue<int> _open = new();
        private int[]? _distances;
        private int _destination = -1;

        public int[] To(int destination)
        {
            if (_destination == destination)
                return _distances!;
            _distances ??= new int[graph.Nodes.Length];
            Array.Fill(_distances, int.MaxValue);
            _distances[_destination = destination] = 0;
            _open.Enqueue(destination);
            while (_open.TryDequeue(out int node))
            {
                foreach (Link link in graph.LinksTo(node))
                {
                    if (_distances[link.From] != int.MaxValue)
                        continue;
                    _distances[link.From] = _distances[node] + 1;
                    if (throughRanks || graph.Nodes[link.From].IsTransit)
                        _open.Enqueue(link.From);
                }
            }

            return _distances;
        }
    }
}

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>The rings that NCCL 2.4.2 finds between directly linked GPUs, and how fast they go: what packed trees are compared with.</summary>
/// <remarks>
/// <para>
/// Each ring is a directed Hamiltonian cycle that takes one link of every pair it passes, in its direction; the rule takes as many as fit together, by exhaustive
/// search. Of at most four GPUs it searches again with every link doubled, and takes that if it finds more than twice as many: these are rings of half a link. If there
/// is none, one ring in the order of the ranks goes over whatever else connects them, which here is given as a fallback. Through one switch that joins all, there are
/// as many rings as links, in the order of the ranks.
/// </para>
/// <para>
/// R rings over links of bandwidth B broadcast at R B, and reduce at R B n / (2 (n - 1)). The search keeps, in a list, the cycles that still fit, and ends where even
/// one ring for each link that a rank has left could not beat the best: instant for 8 GPUs of a DGX-1.
/// </para>
/// </remarks>
/// <param name="Rings">The rings, each as its ranks in order from rank 0; empty if the fallback is used.</param>
/// <param name="RingBandwidth">What each ring carries, in 10^9 bytes per second: a link, or half a link.</param>
/// <param name="BroadcastRate">In 10^9 bytes per second (algbw).</param>
/// <param name="AllReduceRate">In 10^9 bytes per second (algbw).</param>
public sealed record NcclRings(ImmutableArray<ImmutableArray<int>> Rings, Rational RingBandwidth, Rational BroadcastRate, Rational AllReduceRate)
{
    private const int MostRanks = 8, FewRanks = 4, MostSteps = 1_000_000;

    /// <summary>Whether there is no ring over the links, and one over the fallback instead.</summary>
    public bool IsFallback { get; init; }

    /// <summary>Whether all choices of rings were tried. If not, which takes more links than any DGX-1 has, there may be more rings.</summary>
    public bool IsExhaustive { get; init; } = true;

    /// <summary>Finds the rings.</summary>
    /// <param name="graph">At most 8 ranks with direct links; or any number, each with one link to and from the same switch.</param>
    /// <param name="link">The bandwidth of a single link, of which all links are multiples.</param>
    /// <param name="fallback">The bandwidth of what connects the ranks otherwise, like PCIe.</param>
    /// <exception cref="TopologyException">A link is no multiple; the rule does not cover the graph.</exception>
    public static NcclRings Find(LinkGraph graph, Rational link, Rational fallback)
    {
        if (graph.Ranks < 2)
            throw new TopologyException($"Topology '{graph.Name}' has one rank; a ring needs at least two.");
        if (graph.Links.FirstOrDefault(one => !(one.Bandwidth / link).IsInteger) is { } odd)
            throw new TopologyException($"A link of topology '{graph.Name}' has {odd.Bandwidth} GB/s, no multiple of {link} GB/s; rings are counted in links of one kind.");
        if (graph.Nodes.Length > graph.Ranks)
            return ThroughSwitch(graph, link);
        if (graph.Ranks > MostRanks)
            throw new TopologyException($"Topology '{graph.Name}' has {graph.Ranks} ranks; rings are searched for between at most {MostRanks}.");
        var links = new int[graph.Ranks, graph.Ranks];
        foreach (Link one in graph.Links)
            links[one.From, one.To] = (int)(one.Bandwidth / link).Numerator;
        var whole = new RingSearch(links, 1);
        if (graph.Ranks <= FewRanks && new RingSearch(links, 2) is { } halves && halves.Best.Count > 2 * whole.Best.Count)
            return Of(halves.Best, link / 2, graph.Ranks) with { IsExhaustive = halves.IsExhaustive };
        NcclRings found = whole.Best.Count > 0 ? Of(whole.Best, link, graph.Ranks) : Of([], fallback, graph.Ranks) with { IsFallback = true };
        return found with { IsExhaustive = whole.IsExhaustive };
    }

    private static NcclRings ThroughSwitch(LinkGraph graph, Rational link)
    {
        int node = graph.Ranks;
        Rational least = graph.Links.Min(one => one.Bandwidth);
        if (graph.Nodes.Length > node + 1 || graph.LinksTo(node).Length != node || graph.LinksFrom(node).Length != node || graph.Links.Length != 2 * node)
            throw new TopologyException($"NCCL's rule for rings covers direct links, or one switch that joins all ranks; topology '{graph.Name}' is neither.");
        return Of([.. Enumerable.Repeat(Enumerable.Range(0, node).ToArray(), (int)(least / link).Numerator)], link, node);
    }

    private static NcclRings Of(List<int[]> rings, Rational bandwidth, int ranks)
    {
        Rational rate = bandwidth * Math.Max(1, rings.Count);
        return new([.. rings.Select(ring => ring.ToImmutableArray())], bandwidth, rate, rate * ranks / (2 * (ranks - 1)));
    }

    /// <summary>The largest number of Hamiltonian cycles that fit link counts.</summary>
    private sealed class RingSearch
    {
        private readonly int _ranks;
        private readonly int[,] _left;
        private readonly Stack<int[]> _chosen = new();
        private int _steps;

        public RingSearch(int[,] links, int times)
        {
            _ranks = links.GetLength(0);
            _left = new int[_ranks, _ranks];
            for (int from = 0; from < _ranks; from++)
            {
                for (int to = 0; to < _ranks; to++)
                    _left[from, to] = times * links[from, to];
            }

            var cycles = new List<int[]>();
            Extend([0], cycles);
            Choose(cycles);
        }

        /// <summary>The most cycles that fit.</summary>
        public List<int[]> Best { get; private set; } = [];

        /// <summary>Whether all choices were tried.</summary>
        public bool IsExhaustive { get; private set; } = true;

        private void Extend(List<int> path, List<int[]> cycles)
        {
            if (path.Count == _ranks)
            {
                if (_left[path[^1], 0] > 0)
                    cycles.Add([.. path]);
                return;
            }

            for (int next = 1; next < _ranks; next++)
            {
                if (_left[path[^1], next] == 0 || path.Contains(next))
                    continue;
                path.Add(next);
                Extend(path, cycles);
                path.RemoveAt(path.Count - 1);
            }
        }

        /// <summary>Adds cycles to the chosen ones: of those left, any, but none before it in the list again.</summary>
        private void Choose(List<int[]> cycles)
        {
            if (_chosen.Count > Best.Count)
                Best = [.. _chosen];
            for (int i = 0; i < cycles.Count && _chosen.Count + Bound() > Best.Count; i++)
            {
                if (_steps++ == MostSteps)
                    IsExhaustive = false;
                if (!IsExhaustive)
                    return;
                Take(cycles[i], 1);
                _chosen.Push(cycles[i]);
                Choose(cycles[i..].FindAll(Fits));
                _chosen.Pop();
                Take(cycles[i], -1);
            }
        }

        /// <summary>How many more rings there can be at most: each takes a link out of every rank, and one into it.</summary>
        private int Bound()
        {
            int least = int.MaxValue;
            for (int rank = 0; rank < _ranks; rank++)
            {
                int leaving = 0, entering = 0;
                for (int other = 0; other < _ranks; other++)
                {
                    leaving += _left[rank, other];
                    entering += _left[other, rank];
                }

                least = Math.Min(least, Math.Min(leaving, entering));
            }

            return least;
        }

        private bool Fits(int[] cycle)
        {
            for (int i = 0; i < _ranks; i++)
            {
                if (_left[cycle[i], cycle[(i + 1) % _ranks]] == 0)
                    return false;
            }

            return true;
        }

        private void Take(int[] cycle, int count)
        {
            for (int i = 0; i < _ranks; i++)
                _left[cycle[i], cycle[(i + 1) % _ranks]] -= count;
        }
    }
}

namespace HpcTrain.Topology;

/// <summary>
/// Removes switches by splitting off edges: capacity u-w and w-t of a switch w becomes capacity u-t, until w has none left, and every rank can still be sent what it
/// needs.
/// </summary>
/// <remarks>
/// <para>
/// If a switch has as much capacity in as out, there is always a pair that can be split off (Bang-Jensen, Frank and Jackson 1995; used by ForestColl, arXiv
/// 2402.06787). Splitting off d takes d from the cuts that have u and t on one side and w on the other, and nothing from all others. So one max-flow per rank tells
/// by how much d was too large: by the largest amount that a rank's flow then lacks.
/// </para>
/// <para>
/// Pairs are tried in batches, as <see cref="SwitchPattern"/> guesses them; a batch that costs a rank something is tried by halves, down to single pairs, which get
/// the exact amount. Cost: one flow per rank for each trial; a good guess needs one trial for each switch.
/// </para>
/// </remarks>
internal sealed class SwitchRemoval
{
    private readonly LogicalLinks _links;
    private readonly MaxFlow _flow;
    private readonly Dictionary<(int From, int To), int> _arcs = [];
    private readonly long _needed;
    private int _lastShort; // where the last trial fell short: the next one may do so too

    private SwitchRemoval(LogicalLinks links, IReadOnlyList<long> feeds)
    {
        _links = links;
        int source = links.Graph.Nodes.Length;
        _flow = new(source + 1);
        foreach (LogicalLink link in links.All)
            _arcs.Add((link.From, link.To), _flow.AddArc(link.From, link.To, link.Capacity));
        for (int rank = 0; rank < feeds.Count; rank++)
            _flow.AddArc(source, rank, feeds[rank]);
        _needed = feeds.Sum();
    }

    /// <summary>Checks that every switch of a graph has as much bandwidth in as out.</summary>
    /// <exception cref="TopologyException">One has not: it is named.</exception>
    public static void RequireBalance(LinkGraph graph)
    {
        for (int node = graph.Ranks; node < graph.Nodes.Length; node++)
        {
            Rational entering = Sum(graph.LinksTo(node)), leaving = Sum(graph.LinksFrom(node));
            if (entering != leaving)
            {
                throw new TopologyException(
                    $"{graph.Nodes[node].Name} of topology '{graph.Name}' has {entering} GB/s in and {leaving} GB/s out; a plan through switches needs as much in as out of each.");
            }
        }

        static Rational Sum(IEnumerable<Link> links) => links.Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth);
    }

    /// <summary>Removes all switches by guesses alone; whether ranks can still be sent what they need is not looked at.</summary>
    public static void Guess(LogicalLinks links, bool spread)
    {
        foreach (int node in Switches(links))
        {
            foreach (SplitOff split in SwitchPattern.Of(links, node, spread))
                links.Apply(split);
        }
    }

    /// <summary>Removes all switches so that every rank can still be sent what it needs.</summary>
    /// <param name="links">The links, whose switches are balanced.</param>
    /// <param name="feeds">What each rank sends to all others; the links let it through.</param>
    public static void Remove(LogicalLinks links, IReadOnlyList<long> feeds)
    {
        var removal = new SwitchRemoval(links, feeds);
        foreach (int node in Switches(links))
        {
            removal.TryBatch(SwitchPattern.Of(links, node, spread: false));
            while (removal.Sweep(node))
            {
            }

            if (links.To(node).Any(link => link.Capacity > 0))
                throw new InvalidOperationException($"The switch {links.Graph.Nodes[node].Name} has capacity left that cannot be split off.");
        }
    }

    /// <summary>The switches, each time the one with the fewest ports of those that are left.</summary>
    private static IEnumerable<int> Switches(LogicalLinks links)
    {
        List<int> left = [.. Enumerable.Range(links.Graph.Ranks, links.Graph.Nodes.Length - links.Graph.Ranks)];
        while (left.Count > 0)
        {
            int node = left.MinBy(node => SwitchPattern.CountPorts(links, node));
            left.Remove(node);
            yield return node;
        }
    }

    private void TryBatch(List<SplitOff> batch)
    {
        if (batch.Count == 0)
            return;
        foreach (SplitOff split in batch)
            Shift(split, split.Capacity);
        long lacking = Lacking(batch.Count == 1 ? batch[0].Capacity : 1);
        if (lacking > 0)
        {
            foreach (SplitOff split in batch)
                Shift(split, -split.Capacity);
            if (batch.Count > 1)
            {
                TryBatch(batch[..(batch.Count / 2)]);
                TryBatch(batch[(batch.Count / 2)..]);
                return;
            }

            batch = [batch[0] with { Capacity = batch[0].Capacity - lacking }];
            Shift(batch[0], batch[0].Capacity);
        }

        foreach (SplitOff split in batch.Where(split => split.Capacity > 0))
            _links.Apply(split);
    }

    /// <summary>Tries all pairs of a switch once, those that lead back last, and returns whether capacity went and some is left.</summary>
    private bool Sweep(int node)
    {
        long before = Entering();
        foreach (LogicalLink into in _links.To(node))
        {
            foreach (LogicalLink outOf in _links.From(node).OrderBy(link => link.To == into.From))
            {
                long capacity = Math.Min(into.Capacity, outOf.Capacity);
                if (capacity > 0)
                    TryBatch([new(into.From, node, outOf.To, capacity)]);
            }
        }

        return Entering() is > 0 and long after && after < before;

        long Entering() => _links.To(node).Sum(link => link.Capacity);
    }

    private void Shift(SplitOff split, long capacity)
    {
        _flow[_arcs[(split.From, split.Over)]] -= capacity;
        _flow[_arcs[(split.Over, split.To)]] -= capacity;
        if (split.From == split.To)
            return;
        if (!_arcs.TryGetValue((split.From, split.To), out int arc))
            _arcs.Add((split.From, split.To), arc = _flow.AddArc(split.From, split.To, 0));
        _flow[arc] += capacity;
    }

    /// <summary>What the flow to some rank lacks at most; looking ends at an amount.</summary>
    private long Lacking(long most)
    {
        long lacking = 0;
        int ranks = _links.Graph.Ranks, first = _lastShort;
        for (int i = 0; i < ranks && lacking < most; i++)
        {
            int rank = (first + i) % ranks;
            long missing = _needed - _flow.Run(_links.Graph.Nodes.Length, rank, _needed);
            if (missing > lacking)
            {
                lacking = missing;
                _lastShort = rank;
            }
        }

        return lacking;
    }
}

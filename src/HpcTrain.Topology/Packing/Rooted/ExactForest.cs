namespace HpcTrain.Topology;

/// <summary>Packs trees of given roots and weights wherever that is possible at all.</summary>
/// <remarks>
/// <para>
/// The demands are families of growing trees: a set R of ranks reached, and a weight m. They can be completed just if every set T of ranks is entered by at least the
/// weight of the families that have not reached any of it (Edmonds; for families of many roots Frank). A family takes a link x-y out of its R only with a weight
/// that keeps this true. Taking it hurts only sets T that contain y, not x, and a part of R; so the most that can be taken is
/// </para>
/// <para>
/// min over such T of in(T) - the weight of other families outside T = maxflow(x, y) - the weight of all other families,
/// </para>
/// <para>
/// in a network where each other family is a node that x feeds with m and that reaches all of its R. If that is less than m, the family is cut in two, and one part
/// takes the link. Some link can always be taken. The trees have whole weights, and there are at most about as many as links and demands together. Cost: a
/// max-flow for each link tried; for n roots about n^2 of them at least. ForestColl (arXiv 2402.06787) packs so; Lovasz 1976, Berczi and Frank 2010.
/// </para>
/// </remarks>
internal sealed class ExactForest
{
    private readonly LogicalLink[] _links;
    private readonly int _ranks;
    private readonly List<Family> _open;
    private readonly List<LogicalTree> _complete = [];
    private MaxFlow _flow = new(0);
    private int[] _arcs = [], _feeds = [];
    private long _others;

    private ExactForest(LogicalLinks links, IEnumerable<RootDemand> demands)
    {
        _links = [.. links.All];
        _ranks = links.Graph.Ranks;
        foreach (LogicalLink link in _links)
            link.Left = link.Capacity;
        _open = [.. demands.Reverse().Select(demand => new Family(demand.Root, demand.Weight, _ranks))];
    }

    /// <summary>Trees that carry all demands.</summary>
    /// <param name="links">Links from rank to rank that let the demands through: every rank can be sent the sum of all at once.</param>
    /// <param name="demands">The demands.</param>
    public static List<LogicalTree> Pack(LogicalLinks links, IEnumerable<RootDemand> demands)
    {
        var forest = new ExactForest(links, demands);
        while (forest._open.Count > 0)
            forest.Complete();
        return forest._complete;
    }

    /// <summary>Grows the family that was opened last until it has reached all ranks.</summary>
    private void Complete()
    {
        Family family = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        Rebuild();
        while (family.Tree.Count < _ranks - 1)
        {
            (int number, long weight) = Next(family);
            if (weight < family.Weight)
            {
                _open.Add(family.CutDownTo(weight));
                Rebuild();
            }

            _links[number].Left -= weight;
            _flow[_arcs[number]] = _links[number].Left;
            family.Take(_links[number]);
        }

        _complete.Add(new(family.Root, family.Weight, family.Tree));
    }

    /// <summary>The network of all families but the current one.</summary>
    private void Rebuild()
    {
        List<Family> begun = [.. _open.Where(family => family.Tree.Count > 0)];
        var feeds = new long[_ranks];
        foreach (Family family in _open.Where(family => family.Tree.Count == 0))
            feeds[family.Root] += family.Weight;
        _flow = new(_ranks + 1 + begun.Count);
        _arcs = [.. _links.Select(link => _flow.AddArc(link.From, link.To, link.Left))];
        _feeds = [.. feeds.Select((feed, rank) => _flow.AddArc(_ranks, rank, feed))];
        for (int i = 0; i < begun.Count; i++)
        {
            int node = _ranks + 1 + i;
            _flow.AddArc(_ranks, node, begun[i].Weight);
            for (int rank = 0; rank < _ranks; rank++)
            {
                if (begun[i].HasReached(rank))
                    _flow.AddArc(node, rank, MaxFlow.Unbounded);
            }
        }

        _others = _open.Sum(family => family.Weight);
    }

    /// <summary>The link that a family takes next, and with which weight: with all of its own if possible, over the least worn link, close to the root.</summary>
    private (int Number, long Weight) Next(Family family)
    {
        (int Number, long Weight) best = default;
        IEnumerable<int> leading = Enumerable.Range(0, _links.Length)
            .Where(i => _links[i].Left > best.Weight && family.HasReached(_links[i].From) && !family.HasReached(_links[i].To))
            .OrderByDescending(i => (double)_links[i].Left / _links[i].Capacity).ThenBy(i => family.DepthOf(_links[i].From));
        foreach (int number in leading)
        {
            long most = Math.Min(_links[number].Left, family.Weight), weight = Test(_links[number], most);
            if (weight > best.Weight)
                best = (number, weight);
            if (weight == family.Weight)
                break;
        }

        return best.Weight > 0 ? best : throw new InvalidOperationException($"No link leads on from the tree of root {family.Root}: the demands do not fit the links.");
    }

    private long Test(LogicalLink link, long most)
    {
        long fed = _flow[_feeds[link.From]];
        _flow[_feeds[link.From]] = MaxFlow.Unbounded;
        long weight = _flow.Run(_ranks, link.To, _others + most) - _others;
        _flow[_feeds[link.From]] = fed;
        return weight;
    }

    /// <summary>Trees that are alike so far.</summary>
    private sealed class Family(int root, long weight, int ranks)
    {
        private readonly int[] _depth = [.. Enumerable.Range(0, ranks).Select(rank => rank == root ? 0 : -1)];

        public int Root { get; } = root;

        public long Weight { get; private set; } = weight;

        public List<LogicalLink> Tree { get; } = [];

        public bool HasReached(int rank) => _depth[rank] >= 0;

        public int DepthOf(int rank) => _depth[rank];

        public void Take(LogicalLink link)
        {
            _depth[link.To] = _depth[link.From] + 1;
            Tree.Add(link);
        }

        /// <summary>Keeps a part of the weight, and returns the family that has the rest.</summary>
        public Family CutDownTo(long weight)
        {
            var rest = new Family(Root, Weight - weight, _depth.Length);
            foreach (LogicalLink link in Tree)
                rest.Take(link);
            Weight = weight;
            return rest;
        }
    }
}

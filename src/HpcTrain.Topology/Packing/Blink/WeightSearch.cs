namespace HpcTrain.Topology;

/// <summary>Whole weights for trees that fit whole capacities and carry the most: the second of Blink's steps, an integer programme.</summary>
/// <remarks>
/// Branch and bound: tree after tree gets a weight, the largest first, and a branch ends where even the least capacity that is left into or out of a rank, or all capacity
/// together, does not let the rest beat the best. Trees come heaviest first, so that good choices of few trees come early. Bounded in steps: it is then as good as
/// found.
/// </remarks>
internal sealed class WeightSearch
{
    private const int MostSteps = 300_000;
    private readonly IReadOnlyList<int[]> _uses;
    private readonly LinkGraph _graph;
    private readonly long[] _left, _into, _weights;
    private readonly long _enough;
    private readonly int _root;
    private long[] _best;
    private long _total, _most;
    private int _steps;

    private WeightSearch(LinkGraph graph, int root, IReadOnlyList<int[]> uses, long[] capacities, long enough)
    {
        (_graph, _root, _uses, _left, _enough) = (graph, root, uses, capacities, enough);
        _into = new long[graph.Ranks];
        for (int link = 0; link < capacities.Length; link++)
            _into[graph.Links[link].To] += capacities[link];
        _weights = new long[uses.Count];
        _best = new long[uses.Count];
    }

    /// <summary>The weights.</summary>
    /// <param name="graph">Ranks and links between them.</param>
    /// <param name="root">The root of all trees.</param>
    /// <param name="uses">The links that each tree uses.</param>
    /// <param name="capacities">What each link carries; used up.</param>
    /// <param name="enough">A total that cannot be beaten.</param>
    public static long[] Best(LinkGraph graph, int root, IReadOnlyList<int[]> uses, long[] capacities, long enough)
    {
        var search = new WeightSearch(graph, root, uses, capacities, enough);
        search.Choose(0);
        return search._best;
    }

    private void Choose(int tree)
    {
        if (_total > _most)
            (_most, _best) = (_total, [.. _weights]);
        if (tree == _uses.Count || _most >= _enough || _total + Bound() <= _most || _steps++ >= MostSteps)
            return;
        long fits = _uses[tree].Min(link => _left[link]);
        Take(tree, fits);
        for (long weight = fits; weight >= 0; weight--)
        {
            _weights[tree] = weight;
            Choose(tree + 1);
            if (weight > 0)
                Take(tree, -1);
        }
    }

    /// <summary>What can still be added: every tree enters each rank but the root.</summary>
    private long Bound()
    {
        long least = long.MaxValue;
        for (int rank = 0; rank < _into.Length; rank++)
            least = rank == _root ? least : Math.Min(least, _into[rank]);
        return least;
    }

    private void Take(int tree, long weight)
    {
        _total += weight;
        foreach (int link in _uses[tree])
        {
            _left[link] -= weight;
            _into[_graph.Links[link].To] -= weight;
        }
    }
}

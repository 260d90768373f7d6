using System.Numerics;

namespace HpcTrain.Topology;

/// <summary>Turns capacities of which every part is needed into spanning trees that use them up.</summary>
/// <remarks>
/// <para>
/// Capacities z with total t (ranks - 1) and at most t (|S| - 1) inside any set S of ranks are t times a convex combination of spanning trees (J. Edmonds, Matroids and
/// the greedy algorithm, 1971). As in Caratheodory's proof, trees are taken off one by one, each with as much weight as leaves such capacities: until an edge is used
/// up, or a set becomes tight, that is, has t (|S| - 1) inside, of which the next trees have to take their full |S| - 1 edges. A tree that does so for all tight sets
/// known is one with the most edges counted once for each tight set that they lie in: a maximum spanning tree. Each tree makes an edge or a set equal for good, so
/// there are at most as many trees as edges.
/// </para>
/// <para>
/// How much weight a tree can have: Dinkelbach's rule again. The set that is violated most at a guess gives the next guess; it is found by a min cut for each rank
/// (Padberg and Wolsey 1983). All numbers are whole; where a weight is a fraction, everything is multiplied by its denominator.
/// </para>
/// </remarks>
internal sealed class SpanningTreeDecomposition
{
    private readonly int _ranks;
    private readonly IReadOnlyList<Edge> _edges;
    private readonly long[] _left;
    private readonly List<bool[]> _tight = [];
    private long _toll, _scale = 1;

    private SpanningTreeDecomposition(int ranks, IReadOnlyList<Edge> edges, IReadOnlyList<long> capacities, long toll)
    {
        _ranks = ranks;
        _edges = edges;
        _left = [.. capacities];
        _toll = toll;
    }

    /// <summary>Cuts capacities down until every part of them is needed for a packing of a weight.</summary>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="edges">The edges.</param>
    /// <param name="capacities">Their capacities, in which the packing exists.</param>
    /// <param name="toll">The weight of the packing.</param>
    public static long[] Trim(int ranks, IReadOnlyList<Edge> edges, IReadOnlyList<long> capacities, long toll)
    {
        long[] trimmed = [.. capacities];
        foreach (int i in Enumerable.Range(0, edges.Count).OrderBy(i => capacities[i]))
        {
            // All partitions that the edge crosses lose the same; so what is missing without it is what is needed of it.
            trimmed[i] = 0;
            trimmed[i] = -StrengthRate.LeastPartition(ranks, edges, trimmed, toll).Value;
        }

        return trimmed;
    }

    /// <summary>The trees, as numbers of edges, and their weights, which sum up to the toll.</summary>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="edges">The edges.</param>
    /// <param name="capacities">Their capacities after <see cref="Trim"/>.</param>
    /// <param name="toll">The weight of the packing.</param>
    /// <exception cref="OverflowException">The fractions became too fine to count in 64 bits.</exception>
    public static List<(int[] Tree, Rational Weight)> Decompose(int ranks, IReadOnlyList<Edge> edges, IReadOnlyList<long> capacities, long toll)
    {
        var decomposition = new SpanningTreeDecomposition(ranks, edges, capacities, toll);
        var trees = new List<(int[] Tree, Rational Weight)>();
        while (decomposition._toll > 0)
        {
            int[] tree = decomposition.Tree();
            Rational weight = decomposition.Most(tree);
            if (weight.Sign > 0)
                trees.Add((tree, decomposition.TakeOff(tree, weight)));
        }

        return trees;
    }

    /// <summary>A spanning tree over edges that have something left, with |S| - 1 edges in every set S that is known to be tight.</summary>
    private int[] Tree()
    {
        int[] part = [.. Enumerable.Range(0, _ranks)];
        var tree = new List<int>(_ranks - 1);
        foreach (int i in Enumerable.Range(0, _edges.Count).Where(i => _left[i] > 0)
            .OrderByDescending(i => _tight.Count(set => _edges[i].IsWithin(set))).ThenByDescending(i => _left[i]))
        {
            int a = part[_edges[i].A], b = part[_edges[i].B];
            if (a == b)
                continue;
            tree.Add(i);
            for (int rank = 0; rank < _ranks; rank++)
                part[rank] = part[rank] == b ? a : part[rank];
        }

        return [.. tree];
    }

    /// <summary>The most weight that a tree can have, in the present scale; a set that limits it goes to the tight ones.</summary>
    private Rational Most(int[] tree)
    {
        Rational weight = tree.Min(i => _left[i]);
        bool[]? limit = null;
        while (true)
        {
            var (numerator, denominator) = ((long)weight.Numerator, (long)weight.Denominator);
            long[] rest = [.. _left.Select(left => checked(left * denominator))];
            foreach (int i in tree)
                rest[i] -= numerator;
            if (MostViolated(rest, checked(_toll * denominator) - numerator) is not { } set)
                break;
            long members = set.LongCount(isMember => isMember);
            long slack = (_toll * (members - 1)) - Enumerable.Range(0, _edges.Count).Where(i => _edges[i].IsWithin(set)).Sum(i => _left[i]);
            weight = new(slack, members - 1 - tree.Count(i => _edges[i].IsWithin(set)));
            limit = set;
        }

        if (limit != null)
            _tight.Add(limit);
        return weight;
    }

    private Rational TakeOff(int[] tree, Rational weight)
    {
        var result = weight / _scale;
        long denominator = (long)weight.Denominator, numerator = (long)weight.Numerator;
        for (int i = 0; i < _left.Length; i++)
            _left[i] = checked(_left[i] * denominator);
        foreach (int i in tree)
            _left[i] -= numerator;
        _toll = checked(_toll * denominator) - numerator;
        _scale = checked(_scale * denominator);
        long divisor = (long)_left.Aggregate(new BigInteger(_toll), (gcd, left) => BigInteger.GreatestCommonDivisor(gcd, left));
        divisor = (long)BigInteger.GreatestCommonDivisor(divisor, _scale);
        for (int i = 0; i < _left.Length; i++)
            _left[i] /= divisor;
        _toll /= divisor;
        _scale /= divisor;
        return result;
    }

    /// <summary>A set with the most capacity inside above toll (|S| - 1), or null if there is none above it.</summary>
    private bool[]? MostViolated(long[] capacities, long toll)
    {
        int source = _ranks, sink = _ranks + 1;
        var flow = new MaxFlow(_ranks + 2);
        var price = new long[_ranks]; // of a rank in S, if all capacity at its ranks counted as inside, by halves: 2 toll - its capacity
        Array.Fill(price, 2 * toll);
        for (int i = 0; i < _edges.Count; i++)
        {
            price[_edges[i].A] -= capacities[i];
            price[_edges[i].B] -= capacities[i];
            flow.AddArc(_edges[i].A, _edges[i].B, capacities[i], capacities[i]);
        }

        int[] gains = [.. price.Select((value, rank) => flow.AddArc(source, rank, Math.Max(0, -value)))];
        foreach ((int rank, long value) in price.Index())
            flow.AddArc(rank, sink, Math.Max(0, value));
        long allGains = price.Sum(value => Math.Max(0, -value)), least = 0;
        bool[]? worst = null;
        for (int rank = 0; rank < _ranks; rank++)
        {
            long gain = flow[gains[rank]];
            flow[gains[rank]] = MaxFlow.Unbounded;
            long value = flow.Run(source, sink) - allGains - (2 * toll);
            flow[gains[rank]] = gain;
            if (value < least)
            {
                least = value;
                worst = [.. Enumerable.Range(0, _ranks).Select(flow.IsOnSourceSide)];
            }
        }

        return worst;
    }
}

using System.Collections.Immutable;

namespace HpcTrain.Pipelines.Partition;

/// <summary>What a search makes as small as it can.</summary>
internal enum PartitionGoal
{
    /// <summary>The time of the slowest rank.</summary>
    RankSeconds,

    /// <summary>The time of the slowest chunk.</summary>
    ChunkSeconds,

    /// <summary>The memory of the rank that needs most.</summary>
    RankBytes,
}

/// <summary>What partitions have to keep to, whatever the goal.</summary>
/// <param name="Seconds">The most time of a rank.</param>
/// <param name="Bytes">The most memory of a rank.</param>
internal readonly record struct PartitionLimits(double Seconds, double Bytes)
{
    public static PartitionLimits None { get; } = new(double.PositiveInfinity, double.PositiveInfinity);
}

/// <summary>What a search found.</summary>
/// <param name="Cuts">The cuts; default when there is no partition within the limit.</param>
/// <param name="Value">The goal, of the rank or chunk that has most of it.</param>
/// <param name="IsProved">Whether it is the least, or that there is none; false when the search was given up.</param>
internal readonly record struct PartitionResult(ImmutableArray<int> Cuts, double Value, bool IsProved);

/// <summary>Finds the best contiguous partition, and proves it as far as its patience goes.</summary>
internal sealed class PartitionSearch
{
    // Idea. Every rank has caps: its goal has to stay below the best that is known, everything else within the limits. Chunks get their layers from the front to the back.
    // The chunks of the last round, one per rank, need no search: with the caps that are left, the places at which a chunk can begin follow from those of the chunk
    // before, since of what fits any beginning fits. One pass over the layers says whether the end is reached, and the way back gives the cuts. Without interleaving that is all: the cap is bisected until nothing
    // below the best fits.
    // With several rounds the cuts of the earlier ones are searched, branch and bound: a branch ends when what is left is more than the caps that are left, in all, or when the end cannot be
    // reached even if each chunk had all for itself that its rank has left. Lengths near an equal share of what is left come first.
    // Cost. S L log L for a pass, some 40 of them for a better partition. The search is exponential in the cuts of all rounds but the last; it stops after a number of branches, and
    // then the best is known with a bound.
    private const int Patience = 200_000, Bisections = 40;
    private const double Less = 1 - 1e-9;

    private readonly PartitionProblem _problem;
    private readonly PartitionGoal _goal;
    private readonly PartitionLimits _limits;
    private readonly int _chunks, _layers, _lastRound;
    private readonly double[][] _used;
    private readonly int[] _cuts;
    private readonly bool[][] _starts;
    private readonly int[][] _ranksFrom;
    private double _best = double.PositiveInfinity, _cap = double.PositiveInfinity;
    private ImmutableArray<int> _bestCuts;
    private int _branches;

    private PartitionSearch(PartitionProblem problem, PartitionGoal goal, PartitionLimits limits)
    {
        (_problem, _goal, _limits) = (problem, goal, limits);
        (_chunks, _layers) = (problem.Schedule.Chunks, problem.Layers);
        _used = [.. Enumerable.Range(0, problem.Schedule.Stages).Select(rank => new double[problem.Measures(rank)])];
        _cuts = new int[_chunks + 1];
        _cuts[_chunks] = _layers;
        _starts = [.. Enumerable.Range(0, _chunks + 1).Select(_ => new bool[_layers + 1])];

        _ranksFrom = [.. Enumerable.Range(0, _chunks + 1).Select(chunk => problem.Schedule.Placement.Skip(chunk).Distinct().ToArray())];

        // The last round: the chunks at the end that are all on different ranks.
        var seen = new HashSet<int>();
        _lastRound = _chunks;
        while (_lastRound > 0 && seen.Add(problem.Schedule.Placement[_lastRound - 1]))
            _lastRound--;
    }

    /// <summary>Searches; there are at least as many layers as chunks.</summary>
    /// <param name="problem">The numbers.</param>
    /// <param name="goal">What is made small.</param>
    /// <param name="limits">What partitions keep to.</param>
    public static PartitionResult Run(PartitionProblem problem, PartitionGoal goal, PartitionLimits limits)
    {
        var search = new PartitionSearch(problem, goal, limits);
        search.Branch(0, 0);
        return new(search._bestCuts, search._best, search._branches < Patience);
    }

    private void Branch(int chunk, int first)
    {
        if (chunk == _lastRound)
        {
            Finish(first);
            return;
        }

        int most = Math.Min(Longest(chunk, first), _layers - (_chunks - chunk - 1));
        foreach (int end in Nearest(first + Math.Max(1, (_layers - first) / (_chunks - chunk)), first + 1, most))
        {
            if (++_branches >= Patience)
                return;
            if (!Fits(chunk, first, end))
                continue; // the cap may have come down since
            _cuts[chunk] = first;
            int rank = _problem.Schedule.Placement[chunk];
            double[] before = _used[rank];
            var with = new double[before.Length];
            for (int measure = 0; measure < with.Length; measure++)
                with[measure] = before[measure] + _problem.Measure(chunk, measure, first, end);
            _used[rank] = with;
            if (MayReach(chunk + 1, end))
                Branch(chunk + 1, end);
            _used[rank] = before;
        }
    }

    /// <summary>The numbers from low to high, those near the middle first.</summary>
    private static IEnumerable<int> Nearest(int middle, int low, int high)
    {
        middle = Math.Clamp(middle, low, Math.Max(low, high));
        for (int distance = 0; middle - distance >= low || middle + distance <= high; distance++)
        {
            if (middle + distance <= high)
                yield return middle + distance;
            if (distance > 0 && middle - distance >= low && middle - distance <= high)
                yield return middle - distance;
        }
    }

    private bool Fits(int chunk, int first, int end)
    {
        double seconds = _goal == PartitionGoal.RankSeconds ? Math.Min(_cap, _limits.Seconds) : _limits.Seconds;
        double bytes = _goal == PartitionGoal.RankBytes ? Math.Min(_cap, _limits.Bytes) : _limits.Bytes;
        if (_goal == PartitionGoal.ChunkSeconds && _problem.Measure(chunk, 0, first, end) > _cap)
            return false;
        double[] used = _used[_problem.Schedule.Placement[chunk]];
        if (used[0] + _problem.Measure(chunk, 0, first, end) > seconds)
            return false;
        for (int measure = 1; measure < used.Length && bytes < double.PositiveInfinity; measure++)
        {
            if (used[measure] + _problem.Measure(chunk, measure, first, end) > bytes)
                return false;
        }

        return true;
    }

    /// <summary>The farthest end at which a chunk fits; its first layer when not even that fits.</summary>
    private int Longest(int chunk, int first)
    {
        int low = first, high = _layers;
        while (low < high)
        {
            int end = low + ((high - low + 1) / 2);
            if (Fits(chunk, first, end))
                low = end;
            else
                high = end - 1;
        }

        return low;
    }

    private bool MayReach(int chunk, int first)
    {
        double cap = _goal == PartitionGoal.RankSeconds ? Math.Min(_cap, _limits.Seconds) : _limits.Seconds;
        double room = 0;
        foreach (int rank in _ranksFrom[chunk])
            room += cap - _used[rank][0];
        if (_problem.Measure(0, 0, first, _layers) > room * (1 + 1e-12))
            return false;
        for (; chunk < _chunks && first < _layers; chunk++)
            first = Longest(chunk, first);
        return first == _layers;
    }

    /// <summary>Gives the last round its layers, better and better.</summary>
    private void Finish(int first)
    {
        if (!TryLastRound(first))
            return;
        double low = 0;
        for (int step = 0; step < Bisections && low < _best * Less; step++)
        {
            _cap = low + ((_best - low) / 2);
            if (!TryLastRound(first))
                low = _cap;
        }

        // Down to the last bit that counts, so that what is said to be the best is.
        do
            _cap = _best * Less;
        while (_best > 0 && TryLastRound(first));
    }

    private bool TryLastRound(int first)
    {
        for (int chunk = 0; _goal == PartitionGoal.ChunkSeconds && chunk < _lastRound; chunk++)
        {
            // The cap may have come down since the chunk was given its layers.
            if (_problem.Measure(chunk, 0, _cuts[chunk], chunk + 1 == _lastRound ? first : _cuts[chunk + 1]) > _cap)
                return false;
        }

        for (int chunk = _lastRound; chunk <= _chunks; chunk++)
            Array.Clear(_starts[chunk]);
        _starts[_lastRound][first] = true;
        for (int chunk = _lastRound; chunk < _chunks; chunk++)
        {
            int marked = 0;
            for (int start = first; start < _layers; start++)
            {
                if (!_starts[chunk][start])
                    continue;
                int end = Longest(chunk, start);
                for (marked = Math.Max(marked, start); marked < end; marked++)
                    _starts[chunk + 1][marked + 1] = true;
            }
        }

        if (!_starts[_chunks][_layers])
            return false;
        for (int chunk = _chunks - 1, end = _layers; chunk >= _lastRound; chunk--)
        {
            int start = end - 1;
            while (!_starts[chunk][start] || !Fits(chunk, start, end))
                start--;
            _cuts[chunk] = end = start;
        }

        Keep();
        return true;
    }

    private void Keep()
    {
        _bestCuts = [.. _cuts];
        _best = _goal == PartitionGoal.ChunkSeconds
            ? Enumerable.Range(0, _chunks).Max(chunk => _problem.Measure(chunk, 0, _cuts[chunk], _cuts[chunk + 1]))
            : Enumerable.Range(0, _used.Length).Max(OnRank);
    }

    private double OnRank(int rank)
    {
        int last = _problem.Schedule.ChunksOf[rank][^1];
        IEnumerable<int> measures = _goal == PartitionGoal.RankSeconds ? [0] : Enumerable.Range(1, _used[rank].Length - 1);
        return measures.Max(measure => _used[rank][measure] + _problem.Measure(last, measure, _cuts[last], _cuts[last + 1]));
    }
}

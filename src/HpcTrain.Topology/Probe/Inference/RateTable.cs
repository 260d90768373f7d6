using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>What the rounds say of each pair of ranks, in one direction: its rate in the sweep, its rate alone, its latency.</summary>
internal sealed class RateTable
{
    private readonly double[,] _sweep;
    private readonly double[,] _alone;
    private readonly double[,] _latency;

    /// <summary>Reads the rounds.</summary>
    public RateTable(ProbeMeasurements measurements)
    {
        Measurements = measurements;
        int ranks = measurements.Ranks;
        (_sweep, _alone, _latency) = (new double[ranks, ranks], new double[ranks, ranks], new double[ranks, ranks]);
        FillMedians(_sweep, ProbePhase.Sweep, each => each.Rates);
        FillMedians(_alone, ProbePhase.Alone, each => each.Rates);

        // Latencies of pairs alone are not disturbed by other pairs.
        FillMedians(_latency, ProbePhase.Sweep, each => each.Latencies);
        FillMedians(_latency, ProbePhase.Alone, each => each.Latencies);
        FillAlone();
    }

    public ProbeMeasurements Measurements { get; }

    /// <summary>In 10^9 bytes per second, with all ranks busy.</summary>
    public double Sweep(int from, int to) => _sweep[from, to];

    /// <summary>In 10^9 bytes per second, with nothing else on the way.</summary>
    public double Alone(int from, int to) => _alone[from, to];

    /// <summary>In seconds.</summary>
    public double Latency(int from, int to) => _latency[from, to];

    /// <summary>Both directions of a pair as one number.</summary>
    public double Pair(int a, int b) => Math.Sqrt(_alone[a, b] * _alone[b, a]);

    private void FillMedians(double[,] table, ProbePhase phase, Func<ProbeObservation, ImmutableArray<double>> numbers)
    {
        (int From, int To, double Number)[] sorted = [.. Measurements.Observations.Where(each => each.Round.Phase == phase)
            .SelectMany(each => each.Round.Streams.Zip(numbers(each), (stream, number) => (stream.From, stream.To, number)))];
        Array.Sort(sorted);
        for (int first = 0, end; first < sorted.Length; first = end)
        {
            (int from, int to, _) = sorted[first];
            for (end = first + 1; end < sorted.Length && (sorted[end].From, sorted[end].To) == (from, to);)
                end++;
            table[from, to] = sorted[first + ((end - first) / 2)].Number;
        }
    }

    // What a pair gets among others it gets alone, too: less is noise. A pair that was not measured alone is like the one that was, between the same two nodes or at least of its kind (in a node, or between nodes), whose rate in
    // the sweep is nearest.
    private void FillAlone()
    {
        var known = new Dictionary<(int, int), List<(double Sweep, double Alone)>>();
        int ranks = Measurements.Ranks;
        foreach ((int from, int to) in Streams().Where(stream => _alone[stream.From, stream.To] > 0))
        {
            _alone[from, to] = Math.Max(_alone[from, to], _sweep[from, to]);
            foreach ((int, int) key in Keys(from, to))
            {
                if (!known.TryGetValue(key, out List<(double, double)>? like))
                    known.Add(key, like = []);
                like.Add((_sweep[from, to], _alone[from, to]));
            }
        }

        foreach (List<(double Sweep, double Alone)> like in known.Values)
            like.Sort();
        foreach ((int from, int to) in Streams().Where(stream => _alone[stream.From, stream.To] == 0).ToArray())
        {
            double own = _sweep[from, to];
            List<(double Sweep, double Alone)>? like = Keys(from, to).Select(known.GetValueOrDefault).FirstOrDefault(each => each != null);
            _alone[from, to] = like == null ? own : Math.Max(own, Nearest(like, own));
        }

        IEnumerable<(int From, int To)> Streams() => from a in Enumerable.Range(0, ranks) from b in Enumerable.Range(0, ranks) where a != b select (a, b);
    }

    private IEnumerable<(int, int)> Keys(int from, int to)
    {
        (int a, int b) = (Measurements.NodeOf[from], Measurements.NodeOf[to]);
        yield return (Math.Min(a, b), Math.Max(a, b));
        yield return a == b ? (-1, -1) : (-1, -2);
    }

    private static double Nearest(List<(double Sweep, double Alone)> sorted, double sweep)
    {
        int at = sorted.BinarySearch((sweep, 0));
        at = at < 0 ? ~at : at;
        if (at == sorted.Count || (at > 0 && sweep - sorted[at - 1].Sweep < sorted[at].Sweep - sweep))
            at--;
        return sorted[at].Alone;
    }
}

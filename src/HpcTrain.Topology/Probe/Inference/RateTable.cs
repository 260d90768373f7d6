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
        foreach (ProbeObservation each in measurements.Observations)
        {
            for (int index = 0; index < each.Rates.Length; index++)
            {
                (int from, int to) = each.Round.Streams[index];
                if (each.Round.Phase == ProbePhase.Fan)
                    continue;

                // Alone rounds come after the sweep; their latencies are not disturbed by other pairs.
                _latency[from, to] = each.Latencies[index];
                if (each.Round.Phase == ProbePhase.Sweep)
                    _sweep[from, to] = each.Rates[index];
                else
                    _alone[from, to] = Math.Max(each.Rates[index], _sweep[from, to]);
            }
        }

        MeasuredAlone = Count(_alone);
        FillAlone();
    }

    public ProbeMeasurements Measurements { get; }

    /// <summary>How many rates alone were measured; the others are taken from those of similar pairs.</summary>
    public int MeasuredAlone { get; }

    /// <summary>In 10^9 bytes per second, with all ranks busy.</summary>
    public double Sweep(int from, int to) => _sweep[from, to];

    /// <summary>In 10^9 bytes per second, with nothing else on the way.</summary>
    public double Alone(int from, int to) => _alone[from, to];

    /// <summary>In seconds.</summary>
    public double Latency(int from, int to) => _latency[from, to];

    /// <summary>Both directions of a pair as one number.</summary>
    public double Pair(int a, int b) => Math.Sqrt(_alone[a, b] * _alone[b, a]);

    private static int Count(double[,] rates) => rates.Cast<double>().Count(rate => rate > 0);

    // A pair that was not measured alone is like the one that was, between the same two nodes or at least of its kind (in a node, or between nodes), whose rate in
    // the sweep is nearest.
    private void FillAlone()
    {
        var known = new Dictionary<(int, int), List<(double Sweep, double Alone)>>();
        int ranks = Measurements.Ranks;
        foreach ((int from, int to) in Streams().Where(stream => _alone[stream.From, stream.To] > 0))
        {
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

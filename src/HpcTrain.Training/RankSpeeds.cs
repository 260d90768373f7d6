using System.Globalization;
using HpcTrain.Mpi;

namespace HpcTrain.Training;

/// <summary>
/// What each rank computes in what time: names stragglers, and divides batches so that all ranks are done at once. Time spent waiting for data or for other ranks does
/// not count.
/// </summary>
/// <param name="world">The ranks.</param>
/// <param name="node">The name of this rank's node.</param>
internal sealed class RankSpeeds(Intracommunicator world, string node)
{
    // A rank is a straggler when it takes so many times the median, in so many intervals one after the other.
    private const double Factor = 1.3;
    private const int Intervals = 3;
    private const double LeastChange = 0.03;
    private readonly int[] _slowIntervals = new int[world.Size];
    private double _samples;
    private double _seconds;

    /// <summary>The slowest rank of the run so far, and how many times the median's time it took per sample.</summary>
    public (int Rank, double Times) Slowest { get; private set; }

    /// <summary>An interval is done; a collective call.</summary>
    /// <param name="samples">Samples of this rank.</param>
    /// <param name="seconds">Seconds in which it computed.</param>
    /// <returns>On the rank that has become a straggler, the sentence about it; null on all others.</returns>
    public string? Add(double samples, double seconds)
    {
        _samples += samples;
        _seconds += seconds;
        var perSample = Gather(seconds / Math.Max(samples, 1));
        var median = Median(perSample);
        var slowest = Array.IndexOf(perSample, perSample.Max());
        Slowest = (slowest, perSample[slowest] / median);
        for (var rank = 0; rank < perSample.Length; rank++)
        {
            _slowIntervals[rank] = perSample[rank] > Factor * median ? _slowIntervals[rank] + 1 : 0;
        }

        return world.Size > 1 && _slowIntervals[world.Rank] == Intervals
            ? string.Create(CultureInfo.InvariantCulture, $"rank {world.Rank} on {node} is slow: {perSample[world.Rank] / median:F1} times the median's time per sample")
            : null;
    }

    /// <summary>An epoch is done; a collective call.</summary>
    /// <param name="shares">How batches were divided.</param>
    /// <returns>How to divide them from now on; the same array where that would change little.</returns>
    public double[] Balance(double[] shares)
    {
        var speeds = Gather(_seconds > 0 ? _samples / _seconds : 0);
        (_samples, _seconds) = (0, 0);
        if (speeds.Any(speed => !(speed > 0)))
        {
            return shares; // a rank had no samples to be measured by
        }

        var total = speeds.Sum();
        double[] wanted = [.. speeds.Select(speed => speed / total)];
        return wanted.Zip(shares).Any(pair => Math.Abs(pair.First - pair.Second) > LeastChange * pair.Second) ? wanted : shares;
    }

    private double[] Gather(double mine)
    {
        var all = new double[world.Size];
        world.AllGather<double>([mine], all);
        return all;
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return Math.Max((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, double.Epsilon);
    }
}

using System.Diagnostics;

namespace HpcTrain.Bench.Kernels;

/// <summary>
/// Times several ways to do the same work, in short turns and many times over, so that a disturbance of the machine hits all of
/// them, and takes each one's best turn: what else runs on the machine can only make a turn longer. Where the caches' state is part
/// of what is measured, the best turn would be the one that found most in them, and the median is taken.
/// </summary>
internal static class Measure
{
    private const int Rounds = 60;
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(2);

    /// <summary>The fewest seconds per call of each way.</summary>
    public static double[] Seconds(params Action[] ways) => [.. Samples(ways).Select(s => s.Min())];

    /// <summary>The median of the seconds per call of each way.</summary>
    public static double[] MedianSeconds(params Action[] ways) => [.. Samples(ways).Select(s => s.Order().ElementAt(s.Length / 2))];

    private static double[][] Samples(Action[] ways)
    {
        var samples = ways.Select(_ => new double[Rounds]).ToArray();
        long[] calls = [.. ways.Select(CallsPerRound)];
        for (int round = 0; round < Rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                long start = Stopwatch.GetTimestamp();
                for (long call = 0; call < calls[way]; call++) ways[way]();
                samples[way][round] = Stopwatch.GetElapsedTime(start).TotalSeconds / calls[way];
            }
        }
        return samples;
    }

    // Also the warm-up: long enough for the compiler's last tier.
    private static long CallsPerRound(Action way)
    {
        long calls = 0;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(200))
        {
            way();
            calls++;
        }
        return Math.Max(1, (long)(calls * (RoundTime / Stopwatch.GetElapsedTime(start))));
    }
}

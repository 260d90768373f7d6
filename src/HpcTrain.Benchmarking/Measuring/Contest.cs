using System.Diagnostics;

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>Measures contenders against each other.</summary>
internal sealed class Contest(BatchClock clock, Sampling sampling)
{
    // Idea. A machine is never quiet, so contenders take turns: a round is one batch of each, and what disturbs the machine hits all. Rounds begin
    // with another contender each time. A batch is a number of calls after each other, enough to last a millisecond; before it, one call that is not
    // timed brings the contender's data back into the caches, for the batch before belonged to another. The time of a call is the slowest rank's mean
    // of its batch, and the median of that over batches. Tails are seen in single calls, which have a pass of their own: a clock reading per call
    // would be a good part of a short one.
    private const int LeastRounds = 10, MostRounds = 2000, MostSingles = 1000, CalibrationTries = 3, MostCallsBetweenLooks = 32;
    private const double LeastSeconds = 1e-9;

    // Code that was called often enough is compiled again, by a thread of its own, a moment later.
    private static readonly TimeSpan s_settleTime = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_warmupTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_singlesTime = TimeSpan.FromMilliseconds(200);

    // Where a call takes longer, its data fill the caches many times over.
    private static readonly TimeSpan s_longCall = TimeSpan.FromMilliseconds(10);

    private readonly HashSet<string> _settled = [];

    /// <summary>Calls a contender until its code is compiled for good, once for each name. A collective call.</summary>
    public void Settle(string name, Contender contender)
    {
        if (sampling.Warmup == 0 || !_settled.Add(name))
            return;
        Repeat(contender, long.MaxValue, s_settleTime);
    }

    /// <summary>Measures all contenders. A collective call.</summary>
    public Measurement[] Run(IReadOnlyList<Contender> contenders)
    {
        long[] calls = [.. contenders.Select(CallsPerBatch)];
        List<double>[] samples = [.. contenders.Select(_ => new List<double>())];
        long start = Stopwatch.GetTimestamp();
        double elapsed = 0;
        int rounds = 0;
        while (!IsEnough(samples, rounds, elapsed))
        {
            // The last value is the time so far, so that all ranks decide alike.
            double[] round = new double[contenders.Count + 1];
            for (int turn = 0; turn < contenders.Count; turn++)
            {
                int index = (turn + rounds) % contenders.Count;
                if (sampling.Warmup > 0 && !IsLong(samples[index]))
                    clock.Time(contenders[index], 1);
                round[index] = clock.Time(contenders[index], calls[index]);
            }

            round[^1] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            clock.Slowest(round);
            for (int index = 0; index < contenders.Count; index++)
                samples[index].Add(round[index]);
            elapsed = round[^1];
            rounds++;
        }

        return [.. contenders.Select((contender, index) => Result(contender, samples[index], calls[index]))];
    }

    /// <summary>Calls a contender that often, or until the time is over, which all ranks find together.</summary>
    private void Repeat(Contender contender, long calls, TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp(), batch = 1;
        Span<double> elapsed = [0];
        while (calls > 0 && elapsed[0] < time.TotalSeconds)
        {
            batch = Math.Min(batch, calls);
            clock.Time(contender, batch);
            calls -= batch;
            batch = Math.Min(2 * batch, MostCallsBetweenLooks);
            elapsed[0] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            clock.Slowest(elapsed);
        }
    }

    private static bool IsLong(List<double> samples) => samples.Count > 0 && samples[^1] > s_longCall.TotalSeconds;

    private bool IsEnough(List<double>[] samples, int rounds, double elapsed)
    {
        if (sampling.Iterations is { } wanted)
            return rounds >= wanted;
        bool isKnown = rounds >= LeastRounds && samples.All(each => Statistics.MedianUncertainty(each) <= Sampling.Accuracy);
        return isKnown || rounds >= MostRounds || (rounds > 0 && elapsed >= sampling.RowTime.TotalSeconds);
    }

    private long CallsPerBatch(Contender contender)
    {
        Repeat(contender, sampling.Warmup, s_warmupTime);
        long calls = 1;
        double[] tries = new double[CalibrationTries];
        while (true)
        {
            // The best of a few: a rank that lost its core for a while says nothing about the call.
            Array.Fill(tries, double.PositiveInfinity);
            for (int attempt = 0; attempt < tries.Length && !(attempt > 0 && tries[0] > s_longCall.TotalSeconds); attempt++)
            {
                tries[attempt] = clock.Time(contender, calls);
                clock.Slowest(tries.AsSpan(attempt, 1));
            }

            long needed = (long)Math.Ceiling(Sampling.BatchTime.TotalSeconds / Math.Max(tries.Min(), LeastSeconds));
            if (needed <= 2 * calls)
                return Math.Max(1, needed);
            calls = Math.Min(needed, 8 * calls);
        }
    }

    private Measurement Result(Contender contender, List<double> samples, long calls)
    {
        double seconds = Statistics.Median(samples);
        IReadOnlyCollection<double> singles = calls == 1 ? samples : Singles(contender, seconds);
        return new(seconds, Statistics.Quantile(singles, 0.5), Statistics.Quantile(singles, 0.99), samples.Count * calls);
    }

    private double[] Singles(Contender contender, double seconds)
    {
        double[] each = new double[(int)Math.Clamp(s_singlesTime.TotalSeconds / seconds, 1, MostSingles)];
        clock.TimeEach(contender, each);
        clock.Slowest(each);
        return each;
    }
}

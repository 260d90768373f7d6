using System.Diagnostics;
using HpcTrain.Mpi;

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>Times batches: several calls after each other, between barriers.</summary>
internal sealed class BatchClock(Intracommunicator world, Watchdog watchdog)
{
    /// <summary>Seconds per call of a batch, as this rank saw it.</summary>
    public double Time(Contender contender, long calls)
    {
        Begin(contender);
        long start = Stopwatch.GetTimestamp();
        for (long call = 0; call < calls; call++)
            Run(contender);
        double seconds = Seconds(start, Stopwatch.GetTimestamp()) / calls;
        watchdog.Rest();
        return seconds;
    }

    /// <summary>Seconds of each of a number of calls, as this rank saw them.</summary>
    public void TimeEach(Contender contender, Span<double> seconds)
    {
        Begin(contender);
        long before = Stopwatch.GetTimestamp();
        for (int call = 0; call < seconds.Length; call++)
        {
            Run(contender);
            long now = Stopwatch.GetTimestamp();
            seconds[call] = Seconds(before, now);
            before = now;
        }

        watchdog.Rest();
    }

    /// <summary>Seconds of one action that all ranks begin together, as this rank saw it.</summary>
    /// <param name="contender">Whose calls the action makes; null when it makes none.</param>
    /// <param name="action">What to do.</param>
    public double TimeOnce(Contender? contender, Action action)
    {
        Begin(contender);
        long start = Stopwatch.GetTimestamp();
        action();
        double seconds = Seconds(start, Stopwatch.GetTimestamp());
        watchdog.Rest();
        return seconds;
    }

    /// <summary>Makes each value the largest of all ranks'.</summary>
    public void Slowest(Span<double> values)
    {
        watchdog.ExpectRanks("the ranks' times");
        world.AllReduce(values, MpiOp.Max);
        watchdog.Rest();
    }

    private void Begin(Contender? contender)
    {
        watchdog.ExpectRanks($"the ranks to begin {contender?.Label ?? "a computation"}");
        world.Barrier();
        if (contender is { NamesStalls: false })
            watchdog.Expect(contender.Label);
        else
            watchdog.Rest();
    }

    private void Run(Contender contender)
    {
        contender.Run();
        watchdog.Moved();
    }

    // A TimeSpan has steps of 0.1 microseconds, which is what the shortest calls take.
    private static double Seconds(long start, long end) => (double)(end - start) / Stopwatch.Frequency;
}

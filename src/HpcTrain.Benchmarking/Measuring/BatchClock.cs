using System.Diagnostics;
using HpcTrain.Mpi;

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>Times batches: several calls after each other, between barriers.</summary>
internal sealed class BatchClock(Intracommunicator world, Watchdog watchdog)
{
    /// <summary>Seconds per call of a batch, as this rank saw it.</summary>
    public double Time(Contender contender, long calls)
    {
        watchdog.Expect($"the ranks to begin {contender.Label}");
        world.Barrier();
        watchdog.Expect(contender.Label);
        long start = Stopwatch.GetTimestamp();
        for (long call = 0; call < calls; call++)
            contender.Run();
        double seconds = Seconds(start, Stopwatch.GetTimestamp()) / calls;
        watchdog.Rest();
        return seconds;
    }

    /// <summary>Seconds of each of a number of calls, as this rank saw them.</summary>
    public void TimeEach(Contender contender, Span<double> seconds)
    {
        watchdog.Expect($"the ranks to begin {contender.Label}");
        world.Barrier();
        watchdog.Expect(contender.Label);
        long before = Stopwatch.GetTimestamp();
        for (int call = 0; call < seconds.Length; call++)
        {
            contender.Run();
            long now = Stopwatch.GetTimestamp();
            seconds[call] = Seconds(before, now);
            before = now;
        }

        watchdog.Rest();
    }

    /// <summary>Seconds of one action that all ranks begin together, as this rank saw it.</summary>
    public double TimeOnce(string what, Action action)
    {
        watchdog.Expect($"the ranks to begin {what}");
        world.Barrier();
        watchdog.Expect(what);
        long start = Stopwatch.GetTimestamp();
        action();
        double seconds = Seconds(start, Stopwatch.GetTimestamp());
        watchdog.Rest();
        return seconds;
    }

    /// <summary>Makes each value the largest of all ranks'.</summary>
    public void Slowest(Span<double> values)
    {
        watchdog.Expect("the ranks' times");
        world.AllReduce(values, MpiOp.Max);
        watchdog.Rest();
    }

    // A TimeSpan has steps of 0.1 microseconds, which is what the shortest calls take.
    private static double Seconds(long start, long end) => (double)(end - start) / Stopwatch.Frequency;
}

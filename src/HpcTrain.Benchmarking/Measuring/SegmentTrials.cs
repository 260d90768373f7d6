using HpcTrain.Collectives;

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>Finds the longest message with which a contender is fastest, by trying: <see cref="SegmentSearch"/>.</summary>
internal sealed class SegmentTrials(BatchClock clock)
{
    /// <summary>The shortest message that is tried, in bytes.</summary>
    public const long LeastBytes = 4096;

    private const int Batches = 3, MostCalls = 1000;

    /// <summary>Tries lengths until none is left to try. A collective call; all ranks find the same.</summary>
    /// <param name="bytes">The length of the buffer, more than <see cref="LeastBytes"/>.</param>
    /// <param name="elementBytes">The size of an element: messages hold whole ones.</param>
    /// <param name="make">Makes the contender with a longest message.</param>
    /// <returns>The best length in bytes, and how many were tried.</returns>
    public (long Bytes, int Tries) Find(long bytes, int elementBytes, Func<long, Contender> make)
    {
        var search = new SegmentSearch(LeastBytes, bytes, elementBytes);
        int tries = 0;
        for (; !search.IsDone; tries++)
            search.Tell(bytes / Seconds(make(search.Next)));
        return (search.Best, tries);
    }

    /// <summary>The least of a few batches, each the slowest rank's: what disturbs a machine only ever makes calls longer.</summary>
    private double Seconds(Contender contender)
    {
        Span<double> times = stackalloc double[Batches];
        times[0] = clock.Time(contender, 1);
        clock.Slowest(times[..1]);
        long calls = (long)Math.Clamp(Sampling.BatchTime.TotalSeconds / times[0], 1, MostCalls);
        for (int batch = 0; batch < Batches; batch++)
            times[batch] = clock.Time(contender, calls);
        clock.Slowest(times);
        double least = times[0];
        foreach (double time in times)
            least = Math.Min(least, time);
        return Math.Max(least, 1e-9);
    }
}

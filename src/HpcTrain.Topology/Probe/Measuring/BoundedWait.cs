using System.Diagnostics;
using System.Globalization;
using HpcTrain.Mpi;

namespace HpcTrain.Topology;

/// <summary>Waits that end: with what was waited for, or with an error that says what it was.</summary>
/// <param name="limit">How long a wait may last.</param>
/// <param name="yields">Whether ranks outnumber cores, so that who waits gives up its core.</param>
internal sealed class BoundedWait(TimeSpan limit, bool yields)
{
    // Who waits for all others leaves those time that wait for a single one: they know better who is to blame.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    // And it leaves them the cores: a rank that asks again and again takes a time slice of milliseconds from one that is being measured.
    private static readonly TimeSpan s_nap = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits for a message of one other rank.</summary>
    public Status For(ref Request request, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        Status status;
        while (!request.Test(out status))
            Rest(start, limit, what);
        return status;
    }

    /// <summary>Waits for all other ranks.</summary>
    public void ForAll(Request request, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!request.Test())
        {
            Rest(start, limit + s_grace, what);
            Thread.Sleep(s_nap);
        }
    }

    /// <summary>What a loop does that found nothing to do since a moment.</summary>
    public void Rest(long since, Func<string> what) => Rest(since, limit, what);

    private void Rest(long since, TimeSpan bound, Func<string> what)
    {
        if (yields)
            Thread.Yield();
        if (Stopwatch.GetElapsedTime(since) > bound)
        {
            throw new ProbeException(string.Create(CultureInfo.InvariantCulture,
                $"{what()} for more than {bound.TotalSeconds:0.#} s; a rank or a link between them has stopped, or --stall-timeout is too short."));
        }
    }
}

using System.Diagnostics;
using System.Globalization;

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>
/// Bounds what cannot bound itself: the MPI library's own calls wait for a rank for ever. Each wait is announced; one that lasts longer than the limit
/// ends the process with a sentence, and the launcher ends the other ranks. Looks once a second, from a thread of the pool.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _limit;
    private readonly Action<string> _end;
    private readonly Timer _timer;
    private readonly string _rank;
    private volatile string _what = "";
    private long _since;

    /// <param name="limit">How long one wait may last.</param>
    /// <param name="rank">This rank, as messages call it.</param>
    /// <param name="end">Ends the process; gets the sentence.</param>
    public Watchdog(TimeSpan limit, string rank, Action<string> end)
    {
        _limit = limit;
        _rank = rank;
        _end = end;
        _timer = new Timer(_ => Look(), null, s_period, s_period);
    }

    /// <summary>A wait begins, for the end of <paramref name="what"/>; it ends with the next call.</summary>
    public void Expect(string what)
    {
        _what = what;
        Volatile.Write(ref _since, Stopwatch.GetTimestamp());
    }

    /// <summary>Nothing is waited for.</summary>
    public void Rest() => Volatile.Write(ref _since, 0);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long since = Volatile.Read(ref _since);
        if (since == 0 || Stopwatch.GetElapsedTime(since) < _limit)
            return;
        _end(string.Create(CultureInfo.InvariantCulture,
            $"{_rank} waited for {_what} for more than {_limit.TotalSeconds:0.#} s; a rank has stopped, or --stall-timeout is too short for it"));
    }
}

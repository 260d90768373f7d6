using System.Diagnostics;
using System.Globalization;

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>
/// Bounds what cannot bound itself: the MPI library's own calls wait for a rank for ever. Each wait is announced; one that lasts longer than the limit
/// ends the process with a sentence, and the launcher ends the other ranks. Looks once a second, from a thread of the pool. A rank that waits for others
/// leaves them time to say what they are stuck in, for collectives of ours name the rank that is to blame.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _limit;
    private readonly Action<string> _end;
    private readonly Timer _timer;
    private readonly string _rank;
    private volatile string _what = "";
    private TimeSpan _current;
    private long _since;
    private long _moved;
    private long _seen;

    /// <param name="limit">How long one call may last.</param>
    /// <param name="rank">This rank, as messages call it.</param>
    /// <param name="end">Ends the process; gets the sentence.</param>
    public Watchdog(TimeSpan limit, string rank, Action<string> end)
    {
        _limit = limit;
        _rank = rank;
        _end = end;
        _timer = new Timer(_ => Look(), null, s_period, s_period);
    }

    /// <summary>Calls begin, <paramref name="what"/>; the limit is for each of them, see <see cref="Moved"/>.</summary>
    public void Expect(string what) => Expect(what, _limit);

    /// <summary>A wait for the other ranks begins, which may be stuck in something else.</summary>
    public void ExpectRanks(string what) => Expect(what, _limit + s_grace);

    /// <summary>A call has ended, and another may begin. Costs next to nothing.</summary>
    public void Moved() => _moved++;

    /// <summary>Nothing is waited for.</summary>
    public void Rest() => Volatile.Write(ref _since, 0);

    public void Dispose() => _timer.Dispose();

    private void Expect(string what, TimeSpan limit)
    {
        _what = what;
        _current = limit;
        Volatile.Write(ref _since, Stopwatch.GetTimestamp());
    }

    private void Look()
    {
        long since = Volatile.Read(ref _since);
        long moved = Volatile.Read(ref _moved);
        if (since != 0 && moved != _seen)
            Interlocked.CompareExchange(ref _since, Stopwatch.GetTimestamp(), since);
        _seen = moved;
        if (since == 0 || Volatile.Read(ref _since) != since || Stopwatch.GetElapsedTime(since) < _current)
            return;
        _end(string.Create(CultureInfo.InvariantCulture,
            $"{_rank} waited for {_what} for more than {_current.TotalSeconds:0.#} s; a rank has stopped, or --stall-timeout is too short for it"));
    }
}

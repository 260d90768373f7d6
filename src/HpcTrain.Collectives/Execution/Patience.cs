using System.Diagnostics;
using System.Runtime.InteropServices;
using HpcTrain.Collectives.Diagnostics;

namespace HpcTrain.Collectives.Execution;

/// <summary>How a rank waits for its peers: look again a few times, then let other threads run, and give up after a limit, or when another
/// rank has.</summary>
internal partial struct Patience
{
    // A peer that has its own core answers within a microsecond or two, which is less than a switch of threads costs. When ranks
    // outnumber cores the peer may be waiting for this very core, so waiting must give it up soon.
    private const int LooksBeforeYield = 50;
    private const int LooksBetweenClockReadings = 256;

    private readonly TimeSpan _limit;
    private readonly int _looksBeforeYield;
    private readonly StallDesk? _desk;
    private int _looks;
    private long _since;

    public Patience(TimeSpan limit, bool ownCore, StallDesk? desk = null)
    {
        _limit = limit;
        _desk = desk;
        _looksBeforeYield = ownCore ? LooksBeforeYield : 1;
    }

    /// <summary>How long nothing had moved when the clock was last read; at most the limit.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Whether there was ever so much to wait that the clock was read.</summary>
    public bool WasLong { get; private set; }

    /// <summary>Something moved: start anew.</summary>
    public void Restart()
    {
        _looks = 0;
        _since = 0;
    }

    /// <summary>Nothing moved: wait a moment.</summary>
    /// <returns>False when nothing has moved for longer than the limit, or another rank has found a stall.</returns>
    public bool Wait()
    {
        if (++_looks <= _looksBeforeYield)
            return true;
        _ = SchedYield();
        if (_looks % LooksBetweenClockReadings != 0)
            return true;
        long now = Stopwatch.GetTimestamp();
        if (_since == 0)
            _since = now;
        WasLong = true;
        TimeSpan waited = Stopwatch.GetElapsedTime(_since, now);
        Waited = waited < _limit ? waited : _limit;
        return waited < _limit && _desk?.IsCalled() != true;
    }

    // Thread.Yield switches the thread's garbage-collection mode twice, which costs as much as the yield itself; sched_yield
    // returns within a time slice, so a collection can wait for it.
    [LibraryImport("libc", EntryPoint = "sched_yield")]
    [SuppressGCTransition]
    private static partial int SchedYield();
}

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HpcTrain.Collectives.Execution;

/// <summary>How a rank waits for its peers: look again a few times, then let other threads run, and give up after a limit.</summary>
internal partial struct Patience
{
    // A peer that has its own core answers within a microsecond or two, which is less than a switch of threads costs. When ranks
    // outnumber cores the peer may be waiting for this very core, so waiting must give it up soon.
    private const int LooksBeforeYield = 50;
    private const int LooksBetweenClockReadings = 256;

    private readonly TimeSpan _limit;
    private readonly int _looksBeforeYield;
    private int _looks;
    private long _since;

    public Patience(TimeSpan limit, bool ownCore)
    {
        _limit = limit;
        _looksBeforeYield = ownCore ? LooksBeforeYield : 1;
    }

    /// <summary>Something moved: start anew.</summary>
    public void Restart()
    {
        _looks = 0;
        _since = 0;
    }

    /// <summary>Nothing moved: wait a moment.</summary>
    /// <returns>False when nothing has moved for longer than the limit.</returns>
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
        return Stopwatch.GetElapsedTime(_since, now) < _limit;
    }

    // Thread.Yield switches the thread's garbage-collection mode twice, which costs as much as the yield itself; sched_yield
    // returns within a time slice, so a collection can wait for it.
    [LibraryImport("libc", EntryPoint = "sched_yield")]
    [SuppressGCTransition]
    private static partial int SchedYield();
}

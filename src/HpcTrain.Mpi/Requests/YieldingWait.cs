namespace HpcTrain.Mpi;

/// <summary>
/// Waiting when ranks outnumber cores. MPICH's blocking calls spin without ever giving up the core, so the rank that they
/// wait for runs only when the kernel ends the time slice: 4 ranks on 2 cores then need 30 ms for what takes 0.1 ms
/// otherwise. So every blocking call starts its nonblocking form instead, and yields the core between tests. Blocking
/// and nonblocking collectives do not match each other, so all ranks decide together, once, at initialisation.
/// Open MPI yields by itself when told to (<c>mpi_yield_when_idle</c>).
/// </summary>
internal static class YieldingWait
{
    /// <summary>True if blocking calls must yield; the same on every rank.</summary>
    public static volatile bool Needed;

    public static Status Wait(Request request)
    {
        Status status;
        while (!request.Test(out status))
            Thread.Yield();
        return status;
    }
}

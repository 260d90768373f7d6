namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>What a thread allocates.</summary>
internal static class Allocation
{
    /// <summary>
    /// Does the same several times, and gives the fewest bytes that one of them allocated. What is allocated by every call shows in all of them; what the
    /// runtime allocates once, such as the event of a lock that is contended for the first time, does not.
    /// </summary>
    public static long LeastOf(int windows, Action body)
    {
        long least = long.MaxValue;
        for (int window = 0; window < windows; window++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            body();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}

using System.Buffers.Text;

namespace TorchSharp;

/// <summary>
/// Runs the garbage collector when tensors that nobody disposes fill the memory.
///
/// The collector sees a few words per tensor, not the native memory behind it, so on its own it would run only after
/// gigabytes. A forgotten tensor costs more than its elements: a loss holds its graph, and a small block that stays
/// behind keeps the large ones around it from being joined and used again. What counts is therefore the process's
/// resident size: when it has grown, a collection is due, and the tensors that had piled up until then are the budget
/// for all following collections, so that the size stays where it is. A budget that frees little (the tensors are in
/// use) is doubled. Under dispose scopes neither size nor count grows, and all this costs a look now and then.
/// </summary>
internal static class ForgottenTensors
{
    private const int Interval = 16; // tensors from one look to the next
    private const long Slack = 64L << 20; // bytes of growth that are left alone
    private const long SmallestBudget = 16;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly FileStream? Statm = Open();

    private static int _created;
    private static int _looking;
    private static long _mostTensors = long.MaxValue;
    private static long _mostBytes = Bound(ResidentBytes());
    private static long _budget = SmallestBudget;

    /// <summary>Called for each new tensor with the number of those alive.</summary>
    public static void Watch(long alive)
    {
        // Threads may race on the count; a look more or less does not matter.
        if ((++_created % Interval == 0 || alive > _mostTensors) && Statm is not null) Look(alive);
    }

    private static void Look(long alive)
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0) return;
        try
        {
            Compare(alive, ResidentBytes());
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private static void Compare(long alive, long bytes)
    {
        if (alive > _mostTensors)
        {
            var left = Collect();
            if (alive - left < _budget / 2) _budget *= 2;
            Expect(left, bytes);
        }
        else if (bytes > _mostBytes)
        {
            var left = Collect();
            _budget = Math.Max(SmallestBudget, alive - left);
            Expect(left, bytes);
        }
        else
        {
            // Memory that was given back lowers the bound, but slowly: a step may take and return large blocks each time.
            _mostBytes -= Math.Max(0, _mostBytes - Bound(bytes)) / 32;
        }
    }

    // The tensors that are left. The memory should be free before more is taken, so this waits for the finalizers; not
    // for ever, since one of them may want a lock that this thread holds.
    private static long Collect()
    {
        GC.Collect();
        Task.Run(GC.WaitForPendingFinalizers).Wait(LongestWait);
        return torch.Tensor.TotalCount;
    }

    private static void Expect(long alive, long bytes)
    {
        _mostTensors = alive + _budget;
        _mostBytes = Bound(bytes);
    }

    private static long Bound(long bytes) => bytes + Math.Max(Slack, bytes / 8);

    // The second number of the file, in pages.
    private static long ResidentBytes()
    {
        if (Statm is null) return 0;
        Span<byte> text = stackalloc byte[128];
        var length = RandomAccess.Read(Statm.SafeFileHandle, text, 0);
        var resident = text[..length];
        resident = resident[(resident.IndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(resident, out long pages, out _) ? pages * Environment.SystemPageSize : 0;
    }

    private static FileStream? Open()
    {
        try
        {
            return new FileStream("/proc/self/statm", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (IOException)
        {
            return null; // not Linux: the collector runs when it runs
        }
    }
}

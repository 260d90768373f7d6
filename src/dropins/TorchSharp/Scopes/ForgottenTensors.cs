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

    private static readonly FileStream? Statm = Open();

    private static int _created;
    private static int _looking;
    private static long _mostTensors = long.MaxValue;
    private static long _mostBytes;
    private static long _tensorsBefore;
    private static long _tensorsAfter;
    private static long _budget = SmallestBudget;
    private static bool _settling = true;

    /// <summary>Called for each new tensor with the number of those alive.</summary>
    public static void Watch(long alive)
    {
        // Threads may race on the count; a look more or less does not matter.
        if ((++_created % Interval == 0 || alive > _mostTensors) && Statm is not null) Look(alive);
    }

    private static void Look(long alive)
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0) return;
        var bytes = ResidentBytes();
        if (_settling)
        {
            Settle(alive, bytes);
        }
        else if (bytes > _mostBytes || alive > _mostTensors)
        {
            if (alive <= _mostTensors) _budget = Math.Max(SmallestBudget, alive - _tensorsAfter);
            _tensorsBefore = alive;
            _mostTensors = long.MaxValue;
            _settling = true;
            GC.Collect();
        }

        Volatile.Write(ref _looking, 0);
    }

    // At the first look after a collection the finalizers have done their work, or most of it.
    private static void Settle(long alive, long bytes)
    {
        if (_tensorsBefore - alive < _budget / 2) _budget *= 2;
        _tensorsAfter = alive;
        _mostTensors = alive + _budget;
        _mostBytes = bytes + Math.Max(Slack, bytes / 8);
        _settling = false;
    }

    // The second number of the file, in pages.
    private static long ResidentBytes()
    {
        Span<byte> text = stackalloc byte[128];
        var length = RandomAccess.Read(Statm!.SafeFileHandle, text, 0);
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

using System.Runtime.CompilerServices;
using HpcTrain.Collectives.Execution;
using HpcTrain.Collectives.Node;

namespace HpcTrain.Collectives.Diagnostics;

/// <summary>The last collectives of a communicator on this rank: what they were, how far they came, and for whom those under way wait.</summary>
public sealed unsafe class FlightRecorder : IDisposable
{
    // Idea. A ring of slots, one cache line each, in memory that the ranks of a node share: so the others can see what a rank did last even if it
    // computes, is stopped, or has died. A record is a few stores and one reading of the coarse clock (some nanoseconds; it ticks every 1 to 4 ms).
    // Whoever reads the ring of another rank may meet a slot that is being written; that costs a wrong line in a report, nothing else.
    private const int HeaderBytes = 64;

    private readonly NodeBlock? _shared;
    private readonly NativeBlock? _own;
    private readonly FlightSlot* _slots;
    private readonly long* _latest;
    private readonly long _mask;
    private readonly Dictionary<long, IReadOnlyList<string>> _failures = [];
    private readonly Func<long, IReadOnlyList<string>> _waits;
    private long _called;
    private bool _disposed;

    /// <param name="capacity">The calls to keep at least; the same on all ranks.</param>
    /// <param name="memory">The node's memory, or null where this rank alone sees its records. Then this is a collective call.</param>
    /// <param name="waits">Says for whom a call under way waits.</param>
    internal FlightRecorder(int capacity, NodeMemory? memory, Func<long, IReadOnlyList<string>> waits)
    {
        Capacity = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity);
        _mask = Capacity - 1;
        _waits = waits;
        long bytes = HeaderBytes + ((long)Capacity * sizeof(FlightSlot));
        byte* part;
        if (memory is { Size: > 1 })
        {
            _shared = memory.AllocateBoard(bytes);
            part = _shared.Part(memory.Rank);
        }
        else
        {
            _own = new(bytes);
            part = _own.Pointer;
        }

        _latest = (long*)part;
        _slots = (FlightSlot*)(part + HeaderBytes);
    }

    /// <summary>The number of calls that are kept: the one asked for, rounded up to a power of two.</summary>
    public int Capacity { get; }

    /// <summary>The calls so far.</summary>
    public long Called => _called;

    /// <summary>The last calls, the oldest first. Reading allocates; call it from the communicator's thread.</summary>
    /// <exception cref="ObjectDisposedException">The communicator is gone.</exception>
    public IReadOnlyList<FlightEntry> Entries
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var entries = new List<FlightEntry>();
            for (long sequence = Math.Max(1, _called - Capacity + 1); sequence <= _called; sequence++)
                entries.Add(EntryOf(in _slots[sequence & _mask]));
            return entries;
        }
    }

    /// <summary>Milliseconds of the node's monotonic clock.</summary>
    internal static long Now => Environment.TickCount64;

    /// <summary>Whether the records of the node's other ranks can be read, too.</summary>
    internal bool SeesNode => _shared != null;

    /// <summary>The last calls as JSON: an array with one object for each, the oldest first.</summary>
    /// <exception cref="ObjectDisposedException">The communicator is gone.</exception>
    public void WriteJson(Stream output) => FlightJson.Write(Entries, output);

    /// <summary>Frees the memory; the communicator does it. A collective call where a node has several ranks.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _shared?.Dispose();
        _own?.Dispose();
    }

    /// <summary>Records a call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal FlightSlot* Begin(long signature, FlightLabel label)
    {
        long sequence = ++_called;
        FlightSlot* slot = _slots + (sequence & _mask);
        slot->Signature = signature;
        slot->Started = Now;
        slot->State = FlightState.Started;
        slot->Label = label;
        Volatile.Write(ref slot->Sequence, sequence);
        Volatile.Write(ref *_latest, sequence);
        return slot;
    }

    /// <summary>Records the end of a call that has waited long enough for the clock to matter.</summary>
    internal static void End(FlightSlot* slot, string path)
    {
        slot->Label.SetPath(path);
        slot->Milliseconds = Took(slot);
        slot->State = FlightState.Done;
    }

    /// <summary>Records the end of a call that has hardly waited.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void EndAtOnce(FlightSlot* slot)
    {
        slot->Milliseconds = 0;
        slot->State = FlightState.Done;
    }

    /// <summary>Records that a call has moved.</summary>
    internal void Moved(long sequence)
    {
        FlightSlot* slot = SlotOf(sequence);
        if (slot != null && slot->State == FlightState.Started)
            slot->State = FlightState.Progress;
    }

    /// <summary>The slot of one of the last calls; null when it has been overwritten.</summary>
    internal FlightSlot* SlotOf(long sequence)
    {
        FlightSlot* slot = _slots + (sequence & _mask);
        return slot->Sequence == sequence ? slot : null;
    }

    /// <summary>Marks everything under way as failed, and keeps what it waited for.</summary>
    internal void FailAll()
    {
        for (long sequence = Math.Max(1, _called - Capacity + 1); sequence <= _called; sequence++)
        {
            FlightSlot* slot = _slots + (sequence & _mask);
            if (slot->State is FlightState.Done or FlightState.Failed)
                continue;
            _failures[sequence] = _waits(sequence);
            slot->Milliseconds = Took(slot);
            slot->State = FlightState.Failed;
        }
    }

    /// <summary>For whom a call that has failed waited.</summary>
    internal IReadOnlyList<string> FailureOf(long sequence) => _failures.GetValueOrDefault(sequence, []);

    /// <summary>What this rank has done last.</summary>
    internal RankRecord Own() => Read((byte*)_latest);

    /// <summary>What a rank of the node has done last, by its number on the node.</summary>
    internal RankRecord Of(int nodeRank) => Read(_shared!.Part(nodeRank));

    private static int Took(FlightSlot* slot) => (int)Math.Min(Now - slot->Started, int.MaxValue);

    private RankRecord Read(byte* part)
    {
        long latest = Volatile.Read(ref *(long*)part);
        var slots = (FlightSlot*)(part + HeaderBytes);
        long oldest = Math.Max(1, latest - Capacity + 1);
        FlightSlot shown = default;
        for (long sequence = oldest; sequence <= latest; sequence++)
        {
            // The oldest that is not done is what holds the rank up; when all are done, the last one is what it did last.
            shown = slots[sequence & _mask];
            if (shown.State != FlightState.Done)
                break;
        }

        return latest == 0 ? default : new(latest, shown, Math.Max(0, Now - shown.Started));
    }

    private FlightEntry EntryOf(in FlightSlot slot)
    {
        (CollectiveKind collective, Kernels.ElementType type, Kernels.ReduceOp? op, int? root, long count) = CallSignature.Parts(slot.Signature);
        bool isUnderWay = slot.State is FlightState.Started or FlightState.Progress;
        IReadOnlyList<string> waits = isUnderWay ? _waits(slot.Sequence) : FailureOf(slot.Sequence);
        return new(slot.Sequence, collective, type, op, count, root, slot.Label.Algorithm, slot.Label.Path, slot.State,
            DateTime.UtcNow.AddMilliseconds(slot.Started - Now), isUnderWay ? null : TimeSpan.FromMilliseconds(slot.Milliseconds), waits);
    }
}

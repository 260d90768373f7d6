using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Execution;

/// <summary>
/// Where the elements of an operation lie, and what reduces them. Addresses are the device's, and for messages only: nobody else looks behind them. One thread
/// at a time.
/// </summary>
internal abstract unsafe class ComputeDevice
{
    // Idea. The host has done its work when a call returns. A device only queues it, in the order of the calls: what is queued later finds its results,
    // but a message reads and writes memory beside the queue, so it may be posted only when the work before it that touches the same
    // elements is done. Mark says where in the queue that is, IsReached whether it has come there.

    /// <summary>Whether calls return before their work is done.</summary>
    public abstract bool IsQueued { get; }

    /// <summary>Allocates memory, whose content is undefined.</summary>
    /// <param name="bytes">Its length; 0 gives a block without memory.</param>
    public abstract MemoryBlock Allocate(long bytes);

    /// <summary>target[i] = left[i] op right[i]; the target may be either of them.</summary>
    public abstract void Reduce(ElementType type, ReduceOp op, byte* target, byte* left, byte* right, long count);

    /// <summary>Copies bytes that do not overlap.</summary>
    public abstract void Copy(byte* target, byte* source, long bytes);

    /// <summary>target[i] = (to)source[i].</summary>
    public abstract void Cast(ElementType from, byte* source, ElementType to, byte* target, long count);

    /// <summary>data[i] = data[i] * factor.</summary>
    public abstract void Scale(ElementType type, byte* data, long count, double factor);

    /// <summary>data[i] = data[i] / ranks.</summary>
    public abstract void FinishAverage(ElementType type, byte* data, long count, int ranks);

    /// <summary>target[i] = (to)(sums[i] / ranks), of sums in f32.</summary>
    public abstract void FinishAverage(byte* sums, ElementType to, byte* target, long count, int ranks);

    /// <summary>Makes room for marks.</summary>
    public abstract DeviceMarks MakeMarks(int count);
}

/// <summary>Places in a device's queue.</summary>
internal abstract class DeviceMarks : IDisposable
{
    /// <summary>Moves a mark behind all that is queued.</summary>
    public abstract void Set(int mark);

    /// <summary>Whether all work before the mark is done; true before it was ever set. Does not wait.</summary>
    public abstract bool IsReached(int mark);

    public abstract void Dispose();
}

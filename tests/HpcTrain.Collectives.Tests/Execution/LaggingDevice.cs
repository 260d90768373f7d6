using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>
/// A device that does what it is given late: in order, but only when someone has asked a few times how far it is. Its memory is the host's, so a message
/// posted too early carries what was there before.
/// </summary>
internal sealed unsafe class LaggingDevice(int seed) : ComputeDevice
{
    private readonly Queue<Action> _queue = new();
    private readonly Random _random = new(seed);
    private long _queued;
    private long _done;

    public override bool IsQueued => true;

    /// <summary>Whether it does nothing any more.</summary>
    public bool Hangs { get; set; }

    public override MemoryBlock Allocate(long bytes)
    {
        var block = new NativeBlock(bytes);
        new Span<byte>(block.Pointer, (int)bytes).Fill(0x5A);
        return block;
    }

    public override void Reduce(ElementType type, ReduceOp op, byte* target, byte* left, byte* right, long count) =>
        Later(() => HostDevice.Instance.Reduce(type, op, target, left, right, count));

    public override void Copy(byte* target, byte* source, long bytes) => Later(() => HostDevice.Instance.Copy(target, source, bytes));

    public override void Cast(ElementType from, byte* source, ElementType to, byte* target, long count) =>
        Later(() => HostDevice.Instance.Cast(from, source, to, target, count));

    public override void Scale(ElementType type, byte* data, long count, double factor) => Later(() => HostDevice.Instance.Scale(type, data, count, factor));

    public override void FinishAverage(ElementType type, byte* data, long count, int ranks) =>
        Later(() => HostDevice.Instance.FinishAverage(type, data, count, ranks));

    public override void FinishAverage(byte* sums, ElementType to, byte* target, long count, int ranks) =>
        Later(() => HostDevice.Instance.FinishAverage(sums, to, target, count, ranks));

    /// <summary>Queues work of the test itself, as a program computes what it sends.</summary>
    public void Later(Action work)
    {
        _queue.Enqueue(work);
        _queued++;
    }

    public override DeviceMarks MakeMarks(int count) => new Marks(this, count);

    private bool HasCome(long place)
    {
        if (_done < place && !Hangs && _random.Next(3) == 0)
        {
            _queue.Dequeue()();
            _done++;
        }

        return _done >= place;
    }

    private sealed class Marks(LaggingDevice device, int count) : DeviceMarks
    {
        private readonly long[] _places = new long[count];

        public override void Set(int mark) => _places[mark] = device._queued;

        public override bool IsReached(int mark) => device.HasCome(_places[mark]);

        public override void Dispose()
        {
        }
    }
}

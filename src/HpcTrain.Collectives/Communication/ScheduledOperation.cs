using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <summary>A collective run by the executor, from the caller's memory and back: widening, the executor's run, averaging, rounding.</summary>
internal sealed unsafe class ScheduledOperation : CollectiveOperation
{
    // Idea. The executor writes into the caller's destination where that holds all that the program writes. Elsewhere (the partial sums of a
    // reduce-scatter by ring, blocks that a tree passes on, sums that travel in f32) it writes into memory of the operation, from which the result is
    // moved at the end. A contribution that has to be multiplied beforehand is copied, too. On a device all this is queued, and the run is complete when the device
    // has come to its end.
    private readonly Schedule _schedule;
    private readonly ScheduleExecutor _executor;
    private readonly ComputeDevice _device;
    private readonly DeviceMarks? _delivered;
    private MemoryBlock? _inputMemory;
    private MemoryBlock? _dataMemory;
    private CollectiveCall _call;
    private CallRanges _ranges;
    private byte* _data;
    private bool _isDelivering;

    public ScheduledOperation(OperationShape shape, Transport transport, int segmentsInFlight, long totalCount)
        : base(shape)
    {
        _schedule = shape.Schedule!;
        _device = shape.Device ?? HostDevice.Instance;
        _delivered = _device.IsQueued ? _device.MakeMarks(1) : null;
        _executor = new(_schedule, transport, _device, totalCount, shape.PartialType, shape.SegmentBytes, segmentsInFlight);
        Result = new(_schedule.Algorithm, shape.PartialType, shape.SegmentBytes, _executor.SentBytes, shape.Device == null ? transport.Name : "device pointers");
    }

    public override CollectiveResult Result { get; }

    private bool Widens => Shape.PartialType != Shape.Type;

    private long Size => Shape.Type.SizeInBytes();

    private long PartialSize => Shape.PartialType.SizeInBytes();

    protected override IReadOnlyList<string> WaitsNow => _executor.Waits(out _);

    protected override bool Advance()
    {
        bool moved = _executor.Progress();
        FinishIfDone();
        return moved | !IsUnderWay;
    }

    public override void Dispose()
    {
        _executor.Dispose();
        _delivered?.Dispose();
        _inputMemory?.Dispose();
        _dataMemory?.Dispose();
    }

    protected override ScheduleException GiveUp(TimeSpan timeout) => _executor.Stalled(timeout);

    protected override void Withdraw() => _executor.Abandon();

    protected override void Begin(in CollectiveCall call, int tagBase)
    {
        _isDelivering = false;
        _call = call.Collective == CollectiveKind.Barrier ? WithToken(call.Count, call.Type, call.Op) : call;
        _ranges = call.Ranges(_executor.Rank, _schedule.Ranks);
        _data = Data();
        _executor.Start(Input(), _data, call.Op, tagBase);
        FinishIfDone();
    }

    private CollectiveCall WithToken(long count, ElementType type, ReduceOp op)
    {
        byte* token = (_inputMemory ??= _device.Allocate(count * type.SizeInBytes())).Pointer;
        return new() { Collective = CollectiveKind.Barrier, Source = token, Destination = token, Count = count, Type = type, Op = op };
    }

    /// <summary>Where the contribution lies, addressed as if all chunks did.</summary>
    private byte* Input()
    {
        (long start, long length) = _ranges.Input;
        if (length == 0)
            return _data;
        bool isOverwritten = _call.Collective == CollectiveKind.AllToAll && _call.Source == _call.Destination;
        if (!Widens && !isOverwritten && !_call.Premultiplies)
            return (byte*)_call.Source - (start * Size);
        _inputMemory ??= _device.Allocate(length * PartialSize);
        _device.Cast(Shape.Type, (byte*)_call.Source, Shape.PartialType, _inputMemory.Pointer, length);
        if (_call.Premultiplies)
            _device.Scale(Shape.PartialType, _inputMemory.Pointer, length, _call.Factor);
        return _inputMemory.Pointer - (start * PartialSize);
    }

    /// <summary>Where the executor writes, addressed as if all chunks lay there.</summary>
    private byte* Data()
    {
        MemoryLayout layout = _executor.Layout;
        (long start, long length) = _ranges.Output;
        bool fits = layout.DataStart >= layout.DataEnd || (layout.DataStart >= start && layout.DataEnd <= start + length);
        if (!Widens && fits)
            return (byte*)_call.Destination - (start * Size);

        // The contribution may be worked on where the caller has said so.
        bool isInPlace = length > 0 && _ranges.Input.Start == 0 && _call.Destination == (byte*)_call.Source + (start * Size);
        if (!Widens && isInPlace && layout.DataStart >= 0 && layout.DataEnd <= _ranges.Input.Length)
            return (byte*)_call.Source;

        long first = Math.Min(layout.DataStart, length > 0 ? start : long.MaxValue);
        long end = Math.Max(layout.DataEnd, start + length);
        if (first >= end)
            return null;
        _dataMemory ??= _device.Allocate((end - first) * PartialSize);
        return _dataMemory.Pointer - (first * PartialSize);
    }

    private void FinishIfDone()
    {
        if (!_executor.IsDone)
            return;
        if (!_isDelivering)
        {
            (long start, long length) = _ranges.Output;
            if (length > 0)
                Deliver(_data + (start * PartialSize), (byte*)_call.Destination, length);
            _delivered?.Set(0);
            _isDelivering = true;
        }

        if (_delivered == null || _delivered.IsReached(0))
            Complete();
    }

    private void Deliver(byte* result, byte* destination, long count)
    {
        bool averages = _call.Collective.Reduces() && _call.Op == ReduceOp.Avg;
        int ranks = _schedule.Ranks;
        if (Widens && averages)
        {
            _device.FinishAverage(result, Shape.Type, destination, count, ranks);
            return;
        }

        if (result != destination)
            _device.Cast(Shape.PartialType, result, Shape.Type, destination, count);
        if (averages)
            _device.FinishAverage(Shape.Type, destination, count, ranks);
    }
}

using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <summary>A collective run by the executor, from the caller's memory and back: widening, the executor's run, averaging, rounding.</summary>
internal sealed unsafe class ScheduledOperation : CollectiveOperation
{
    // Idea. The executor writes into the caller's destination where that holds all that the program writes. Elsewhere (the partial sums of a
    // reduce-scatter by ring, blocks that a tree passes on, sums that travel in f32) it writes into memory of the operation, from which the result is
    // moved at the end. A contribution that has to be multiplied beforehand is copied, too.
    private readonly Schedule _schedule;
    private readonly ScheduleExecutor _executor;
    private NativeBlock? _inputMemory;
    private NativeBlock? _dataMemory;
    private CollectiveCall _call;
    private CallRanges _ranges;
    private byte* _data;

    public ScheduledOperation(OperationShape shape, Transport transport, int segmentsInFlight, long totalCount)
        : base(shape)
    {
        _schedule = shape.Schedule!;
        _executor = new(_schedule, transport, totalCount, shape.PartialType, shape.SegmentBytes, segmentsInFlight);
        Result = new(_schedule.Algorithm, shape.PartialType, shape.SegmentBytes, _executor.SentBytes, transport.Name);
    }

    public override CollectiveResult Result { get; }

    private bool Widens => Shape.PartialType != Shape.Type;

    private long Size => Shape.Type.SizeInBytes();

    private long PartialSize => Shape.PartialType.SizeInBytes();

    public override bool Progress()
    {
        bool moved = _executor.Progress();
        FinishIfDone();
        return moved;
    }

    public override void Dispose()
    {
        _executor.Dispose();
        _inputMemory?.Dispose();
        _dataMemory?.Dispose();
    }

    protected override ScheduleException GiveUp(TimeSpan timeout) => _executor.Stalled(timeout);

    protected override void Withdraw() => _executor.Abandon();

    protected override void Begin(in CollectiveCall call, int tagBase)
    {
        _call = call.Collective == CollectiveKind.Barrier ? WithToken(call.Count, call.Type, call.Op) : call;
        _ranges = call.Ranges(_executor.Rank, _schedule.Ranks);
        _data = Data();
        _executor.Start(Input(), _data, call.Op, tagBase);
        FinishIfDone();
    }

    private CollectiveCall WithToken(long count, ElementType type, ReduceOp op)
    {
        byte* token = (_inputMemory ??= new(count * type.SizeInBytes())).Pointer;
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
        _inputMemory ??= new(length * PartialSize);
        HostKernels.Cast(Shape.Type, _call.Source, Shape.PartialType, _inputMemory.Pointer, (nint)length);
        if (_call.Premultiplies)
            HostKernels.Scale(Shape.PartialType, _inputMemory.Pointer, (nint)length, _call.Factor);
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
        _dataMemory ??= new((end - first) * PartialSize);
        return _dataMemory.Pointer - (first * PartialSize);
    }

    private void FinishIfDone()
    {
        if (!_executor.IsDone)
            return;
        (long start, long length) = _ranges.Output;
        if (length > 0)
            Deliver(_data + (start * PartialSize), (nint)length);
        Complete();
    }

    private void Deliver(byte* result, nint count)
    {
        bool averages = _call.Collective.Reduces() && _call.Op == ReduceOp.Avg;
        int ranks = _schedule.Ranks;
        if (Widens && averages)
        {
            HostKernels.FinishAverage((float*)result, Shape.Type, _call.Destination, count, ranks);
            return;
        }

        if (result != _call.Destination)
            HostKernels.Cast(Shape.PartialType, result, Shape.Type, _call.Destination, count);
        if (averages)
            HostKernels.FinishAverage(Shape.Type, _call.Destination, count, ranks);
    }
}

using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <summary>The shape of an allreduce: operations of one shape share their plan and their memory, one run after the other.</summary>
internal readonly record struct AllReduceShape(Schedule Schedule, long Count, ElementType Type, ElementType PartialType, long SegmentBytes);

/// <summary>One allreduce from the caller's buffer and back: widening, the executor's run, averaging, rounding.</summary>
internal sealed unsafe class AllReduceOperation : IDisposable
{
    private readonly AllReduceShape _shape;
    private readonly ScheduleExecutor _executor;
    private readonly NativeBlock? _partials;
    private byte* _buffer;
    private ReduceOp _op;

    public AllReduceOperation(AllReduceShape shape, Transport transport, int segmentsInFlight)
    {
        _shape = shape;
        _executor = new(shape.Schedule, transport, shape.Count, shape.PartialType, shape.SegmentBytes, segmentsInFlight);
        if (shape.PartialType != shape.Type)
            _partials = new(shape.Count * shape.PartialType.SizeInBytes());
        Result = new(shape.Schedule.Algorithm, shape.PartialType, shape.SegmentBytes, _executor.SentBytes);
    }

    public AllReduceShape Shape => _shape;

    public AllReduceResult Result { get; }

    /// <summary>Which run this is. It changes at the moment a run completes.</summary>
    public long Run { get; private set; }

    /// <summary>The number of the current or last run among all operations of the communicator.</summary>
    public long Sequence { get; private set; }

    public bool IsUnderWay { get; private set; }

    public void Start(void* buffer, ReduceOp op, long sequence, int tagBase)
    {
        _buffer = (byte*)buffer;
        _op = op;
        Sequence = sequence;
        IsUnderWay = true;
        byte* data = _buffer;
        if (_partials != null)
        {
            HostKernels.Cast(_shape.Type, _buffer, _shape.PartialType, _partials.Pointer, (nint)_shape.Count);
            data = _partials.Pointer;
        }

        _executor.Start(data, op, tagBase);
        FinishIfDone();
    }

    public bool Progress()
    {
        bool moved = _executor.Progress();
        FinishIfDone();
        return moved;
    }

    public ScheduleException Stalled(TimeSpan timeout)
    {
        IsUnderWay = false;
        return _executor.Stalled(timeout);
    }

    public void Abandon()
    {
        IsUnderWay = false;
        _executor.Abandon();
    }

    public void Dispose()
    {
        _executor.Dispose();
        _partials?.Dispose();
    }

    private void FinishIfDone()
    {
        if (!_executor.IsDone)
            return;
        int ranks = _shape.Schedule.Ranks;
        var count = (nint)_shape.Count;
        if (_partials == null)
        {
            if (_op == ReduceOp.Avg)
                HostKernels.FinishAverage(_shape.Type, _buffer, count, ranks);
        }
        else if (_op == ReduceOp.Avg)
        {
            HostKernels.FinishAverage((float*)_partials.Pointer, _shape.Type, _buffer, count, ranks);
        }
        else
        {
            HostKernels.Cast(_shape.PartialType, _partials.Pointer, _shape.Type, _buffer, count);
        }

        IsUnderWay = false;
        Run++;
    }
}

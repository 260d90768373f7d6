using HpcTrain.Collectives.Gpu.Staging;

namespace HpcTrain.Collectives.Gpu;

/// <summary>
/// An asynchronous collective on device memory. It moves on only inside calls to its <see cref="DeviceCollectives"/> and of <see cref="Test"/> and
/// <see cref="Wait"/> of any of its requests. Requests may be completed in any order; a copy is the same request.
/// </summary>
public readonly struct DeviceRequest
{
    private readonly StagedPipeline? _pipeline;
    private readonly StagedOperation? _staged;
    private readonly CollectiveRequest _direct;

    internal DeviceRequest(StagedPipeline pipeline, StagedOperation staged)
    {
        _pipeline = pipeline;
        _staged = staged;
    }

    internal DeviceRequest(CollectiveRequest direct) => _direct = direct;

    /// <summary>Whether the device memory holds the result, as far as known: does not move anything.</summary>
    public bool IsDone => _staged?.IsDone ?? _direct.IsDone;

    /// <summary>Moves all operations on, without waiting. So it never reports a stall; <see cref="Wait"/> does.</summary>
    /// <returns>Whether the device memory holds the result.</returns>
    /// <exception cref="ScheduleException">An operation failed.</exception>
    public bool Test()
    {
        if (_staged == null)
            return _direct.Test();
        if (!_staged.IsDone)
            _pipeline!.Progress();
        return _staged.IsDone;
    }

    /// <summary>Waits until the device memory holds the result, for work on any stream. May be called again.</summary>
    /// <returns>What ran.</returns>
    /// <exception cref="ScheduleException">Nothing moved for the communicator's stall time-out, or an operation failed.</exception>
    public CollectiveResult Wait() => _staged == null ? _direct.Wait() : _pipeline!.Wait(_staged);
}

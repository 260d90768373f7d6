using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <content>What collectives on device memory are built from.</content>
public sealed unsafe partial class CollectiveCommunicator
{
    /// <summary>Whether messages may be addresses of CUDA memory.</summary>
    internal bool TakesCudaMemory => _transport.TakesCudaMemory;

    /// <summary>How long nothing may move.</summary>
    internal TimeSpan StallTimeout => _options.StallTimeout;

    /// <summary>How a rank waits here.</summary>
    internal Patience MakePatience() => new(_options.StallTimeout, _transport.HasOwnCores, _stalls);

    /// <summary>The error of an operation that does not move.</summary>
    internal ScheduleException Stalled(CollectiveOperation operation) => Stalled(operation, _options.StallTimeout);

    /// <summary>What a call on the host would run: its schedule, null when the node's engine does it, and the type of partial results.</summary>
    internal (Schedule? Schedule, ElementType PartialType) PlanOf(in CollectiveCall call, CollectiveOptions options)
    {
        RequireUsable();
        PlannedCall plan = _planner.PlanFor(in call, options);

        // Parts of the call ask for the schedule by itself, which is right as it is.
        if (plan.Shape.Schedule is { } schedule)
            _planner.Trust(schedule);
        return (plan.Shape.Schedule, plan.Shape.PartialType);
    }

    /// <summary>Starts a collective whose addresses are the device's, by messages from and to them.</summary>
    internal CollectiveRequest Start(in CollectiveCall call, CollectiveOptions options, ComputeDevice device)
    {
        RequireUsable();
        return Start(in call, _planner.PlanFor(in call, options, device));
    }

    /// <summary>Completes what is under way on a device, then frees what is kept for it.</summary>
    internal void Forget(ComputeDevice device)
    {
        if (_disposed)
            return;
        try
        {
            while (_failure == null && _underWay.Find(operation => operation.Shape.Device == device) is { } operation)
                WaitFor(operation, operation.Run);
        }
        catch (ScheduleException)
        {
            // The request tells when it is waited for; an error here would hide the one that led here.
        }

        _pool.Forget(device);
        _planner.Forget(device);
    }
}

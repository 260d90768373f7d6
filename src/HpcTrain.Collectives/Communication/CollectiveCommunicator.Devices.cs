using HpcTrain.Collectives.Execution;

namespace HpcTrain.Collectives;

/// <content>What collectives on device memory are built from.</content>
public sealed unsafe partial class CollectiveCommunicator
{
    private readonly Dictionary<(ComputeDevice, CallKey), PlannedCall> _plannedOnDevices = [];

    /// <summary>Whether messages may be addresses of CUDA memory.</summary>
    internal bool TakesCudaMemory => _transport.TakesCudaMemory;

    /// <summary>How long nothing may move.</summary>
    internal TimeSpan StallTimeout => _options.StallTimeout;

    /// <summary>How a rank waits here.</summary>
    internal Patience MakePatience() => new(_options.StallTimeout, _transport.HasOwnCores);

    /// <summary>The schedule that a call on the host would run; null when the node's engine does it.</summary>
    internal Schedule? ScheduleOf(in CollectiveCall call, CollectiveOptions options)
    {
        RequireUsable();
        return PlanFor(in call, options).Shape.Schedule;
    }

    /// <summary>Starts a collective whose addresses are the device's, by messages from and to them.</summary>
    internal CollectiveRequest Start(in CollectiveCall call, CollectiveOptions options, ComputeDevice device)
    {
        RequireUsable();
        CheckMemory(in call);
        (ComputeDevice, CallKey) key = (device, CallKey.Of(in call, options));
        if (!_plannedOnDevices.TryGetValue(key, out PlannedCall? plan))
        {
            if (_plannedOnDevices.Count == MostRememberedCalls)
                _plannedOnDevices.Clear();
            plan = Plan(key.Item2, in call, options, device);
            _plannedOnDevices.Add(key, plan);
        }

        return Start(in call, plan);
    }

    /// <summary>Frees what is kept for a device. Nothing may be under way there.</summary>
    internal void Forget(ComputeDevice device)
    {
        _pool.Forget(device);
        foreach ((ComputeDevice, CallKey) key in _plannedOnDevices.Keys.Where(key => key.Item1 == device).ToArray())
            _plannedOnDevices.Remove(key);
    }
}

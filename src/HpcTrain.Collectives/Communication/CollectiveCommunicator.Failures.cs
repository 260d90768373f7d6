using HpcTrain.Collectives.Diagnostics;

namespace HpcTrain.Collectives;

/// <content>What is recorded, and what happens when an operation fails.</content>
public sealed unsafe partial class CollectiveCommunicator
{
    private const int MostRecordedCalls = 1 << 20;
    private const int IdlePassesBetweenLooks = 1024;

    private readonly StallDesk _stalls;
    private readonly CallChecker? _checker;
    private ScheduleException? _failure;
    private int _idlePasses;

    /// <summary>The last calls on this rank. It lives as long as the communicator.</summary>
    public FlightRecorder Recorder { get; }

    private void RequireUsable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_failure != null)
            throw new ScheduleException($"Rank {Rank} cannot use the communicator any more, because an operation failed: {_failure.Message}", _failure) { IsStall = _failure.IsStall };
    }

    /// <summary>For whom a call under way waits.</summary>
    private IReadOnlyList<string> WaitsOf(long number)
    {
        foreach (CollectiveOperation operation in _underWay)
        {
            if (operation.Number == number)
                return operation.Waits;
        }

        return _node?.WaitsNow ?? [];
    }

    /// <summary>For whom everything under way waits.</summary>
    internal IReadOnlyList<string> AllWaits => [.. _underWay.SelectMany(operation => operation.Waits)];

    /// <summary>Gives everything up in silence, because what it was part of has failed. The communicator is unusable afterwards.</summary>
    internal void Abandon()
    {
        if (_failure == null)
            Failed(new ScheduleException("the operation that it was part of failed"));
    }

    private ScheduleException Stalled(CollectiveOperation operation, TimeSpan waited)
    {
        // Recorded first: giving up forgets what was waited for.
        Recorder.FailAll();
        return Failed(operation.Stalled(waited));
    }

    /// <summary>Gives up everything under way and marks the communicator unusable.</summary>
    private ScheduleException Failed(Exception error)
    {
        Recorder.FailAll();
        _failure = error as ScheduleException ?? new ScheduleException(error.Message, error);
        if (_failure.IsStall)
            _failure = _stalls.Conclude(_failure);
        _transport.Fail();
        _levels?.Rail.Abandon();
        foreach (CollectiveOperation operation in _underWay)
            operation.Abandon();
        return _failure;
    }
}

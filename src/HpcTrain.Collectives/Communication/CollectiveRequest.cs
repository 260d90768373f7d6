namespace HpcTrain.Collectives;

/// <summary>
/// An asynchronous collective. It moves on only inside calls to its communicator: <see cref="Test"/> and <see cref="Wait"/> of any
/// of its requests, and its collectives. Requests may be completed in any order; a copy is the same request.
/// </summary>
public readonly struct CollectiveRequest
{
    private readonly CollectiveCommunicator? _communicator;
    private readonly CollectiveOperation? _operation;
    private readonly long _run;
    private readonly CollectiveResult _result;

    internal CollectiveRequest(CollectiveCommunicator communicator, CollectiveOperation? operation, CollectiveResult result)
    {
        _communicator = communicator;
        _operation = operation;
        _run = operation?.Run ?? 0;
        _result = result;
    }

    /// <summary>What runs.</summary>
    internal CollectiveResult Result => _result;

    /// <summary>Whether the buffer holds the result, as far as known: does not move anything.</summary>
    public bool IsDone => _operation == null || _operation.Run != _run;

    /// <summary>Moves all operations of the communicator on, without waiting. So it never reports a stall; <see cref="Wait"/> does.</summary>
    /// <returns>Whether the buffer holds the result.</returns>
    /// <exception cref="ScheduleException">An operation of the communicator failed.</exception>
    public bool Test()
    {
        if (IsDone)
            return true;
        _communicator!.Progress();
        return IsDone;
    }

    /// <summary>Waits until the buffer holds the result. May be called again.</summary>
    /// <returns>What ran.</returns>
    /// <exception cref="ScheduleException">Nothing moved for the communicator's stall time-out, or an operation failed.</exception>
    public CollectiveResult Wait()
    {
        if (!IsDone)
            _communicator!.WaitFor(_operation!, _run);

        // How data travelled through memory is known at the end. An operation that is used again already tells of another run.
        return _operation is { IsUnderWay: false } && _operation.Run == _run + 1 ? _operation.Result : _result;
    }

    /// <summary>Gives the operation up because it does not move, and says what it waits for. The communicator is unusable afterwards.</summary>
    internal ScheduleException Stalled() => _communicator!.Stalled(_operation!);
}

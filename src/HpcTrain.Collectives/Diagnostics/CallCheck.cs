using System.Runtime.InteropServices;
using HpcTrain.Collectives.Execution;
using HpcTrain.Collectives.Node;
using HpcTrain.Collectives.Verification;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Diagnostics;

/// <summary>What a rank is about to do, as the ranks compare it.</summary>
/// <param name="Number">The number of the call.</param>
/// <param name="Signature">What is called.</param>
/// <param name="SegmentBytes">The longest message; 0 without messages.</param>
/// <param name="PartialType">How partial results travel.</param>
/// <param name="Label">Algorithm and path.</param>
internal readonly record struct CheckedCall(long Number, long Signature, long SegmentBytes, ElementType PartialType, FlightLabel Label)
{
    public string Describe()
    {
        string how = SegmentBytes > 0 ? $"'{Label.Algorithm}' by {Label.Path}, segments of {SegmentBytes} bytes, in {PartialType.Name()}" : $"'{Label.Algorithm}' by {Label.Path}";
        return $"{CallSignature.Describe(Signature)} ({how})";
    }

    public bool IsSame(in CheckedCall other) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<CheckedCall>(in this)).SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<CheckedCall>(in other)));
}

/// <summary>Lets the ranks tell each other what they call before they do it: for finding mistakes, at the price of a message to every rank per call.</summary>
internal sealed unsafe class CallChecker(Transport transport)
{
    // The k-th message between two ranks on this tag is about the k-th call of both.
    private long _next = 1;

    /// <summary>Whether it is this call's turn: calls begin in the order in which they were made, however their messages arrive.</summary>
    public bool IsNext(long number) => number == _next;

    public void Passed() => _next++;

    /// <summary>Tells all ranks what this one calls.</summary>
    public CallCheck Post(in CheckedCall call) => new(this, transport, in call);
}

/// <summary>One call's comparison.</summary>
internal sealed unsafe class CallCheck : IDisposable
{
    private readonly CallChecker _checker;
    private readonly Transport _transport;
    private readonly NativeBlock _memory;
    private readonly CheckedCall* _calls;
    private readonly List<(int Ticket, int Peer, bool IsReceive)> _messages = [];
    private readonly long _number;

    public CallCheck(CallChecker checker, Transport transport, in CheckedCall call)
    {
        (_checker, _transport, _number) = (checker, transport, call.Number);
        _memory = new((long)transport.Size * sizeof(CheckedCall));
        _calls = (CheckedCall*)_memory.Pointer;
        _calls[transport.Rank] = call;

        // Receives first: whoever has heard of this rank can be heard by it, and may give up.
        for (int step = 1; step < transport.Size; step++)
        {
            int peer = (transport.Rank + step) % transport.Size;
            _messages.Add((transport.PostReceive(_calls + peer, sizeof(CheckedCall), peer, transport.MaxTag), peer, true));
        }

        for (int step = 1; step < transport.Size; step++)
        {
            int peer = (transport.Rank + step) % transport.Size;
            _messages.Add((transport.PostSend(_calls + transport.Rank, sizeof(CheckedCall), peer, transport.MaxTag), peer, false));
        }
    }

    /// <summary>For whom it waits.</summary>
    public string Wait
    {
        get
        {
            int[] silent = [.. _messages.Where(message => message.IsReceive).Select(message => message.Peer).Order()];
            return silent.Length > 0 ? $"check: waits for {Fault.Ranks(silent)} to say what they call" : "check: waits for the calls before";
        }
    }

    /// <summary>Looks whether all ranks have said what they call, and it is this call's turn.</summary>
    /// <exception cref="ScheduleException">They do not call the same; the sentence is the same on all ranks.</exception>
    public bool HasPassed()
    {
        for (int i = _messages.Count - 1; i >= 0; i--)
        {
            if (_transport.Test(_messages[i].Ticket))
                _messages.RemoveAt(i);
        }

        if (_messages.Count > 0 || !_checker.IsNext(_number))
            return false;
        Compare();
        Dispose();
        _checker.Passed();
        return true;
    }

    /// <summary>The error of a check that waits for too long.</summary>
    public ScheduleException Stalled(TimeSpan timeout) =>
        new($"Rank {_transport.Rank} made no progress for {timeout.TotalSeconds:0.###} s before {CallSignature.Describe(_calls[_transport.Rank].Signature)} "
            + $"(call {_number} of the communicator): {Wait}. Check that all ranks are alive and call the same collectives in the same order; a longer wait is "
            + $"set by {CommunicatorOptions.StallTimeoutVariable}.", _transport.Rank, null, null)
        { IsStall = true };

    /// <summary>Withdraws what is under way.</summary>
    public void Dispose()
    {
        bool memoryIsFree = true;
        foreach ((int ticket, _, _) in _messages)
            memoryIsFree &= _transport.Cancel(ticket);
        _messages.Clear();
        if (memoryIsFree)
            _memory.Dispose();
        else
            _memory.Abandon();
    }

    private void Compare()
    {
        int ranks = _transport.Size;
        var groups = new List<List<int>>();
        for (int rank = 0; rank < ranks; rank++)
        {
            List<int>? same = groups.Find(group => _calls[group[0]].IsSame(in _calls[rank]));
            if (same == null)
                groups.Add([rank]);
            else
                same.Add(rank);
        }

        if (groups.Count == 1)
            return;
        string calls = string.Join("; ", groups.Select(group => $"{Fault.Ranks(group)} {(group.Count == 1 ? "calls" : "call")} {_calls[group[0]].Describe()}"));
        throw new ScheduleException($"The ranks differ in call {_number} of the communicator: {calls}. All ranks must call the same collectives in the same order with the "
            + "same count, type, operation, root and options.", groups[1][0], null, null);
    }
}

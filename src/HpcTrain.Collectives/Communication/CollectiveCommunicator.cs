using System.Diagnostics;
using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Collectives.Execution;
using HpcTrain.Collectives.Levels;
using HpcTrain.Collectives.Node;
using HpcTrain.Collectives.Tuning;
using HpcTrain.Mpi;

namespace HpcTrain.Collectives;

/// <summary>
/// Collectives among a group of ranks: plans them, runs them, and says what ran. All ranks end with identical bits, and the
/// same call gives the same bits again.
/// </summary>
/// <remarks>
/// <para>Every rank calls the same operations in the same order with the same count, type, operation and options. Calls come from one
/// thread at a time, which must be one that MPI allows. After the first call of a shape (count, type, options) nothing is
/// allocated.</para>
/// <para>After a <see cref="ScheduleException"/> about a stall or a mismatch the communicator is unusable, and the ranks should end:
/// their messages are no longer in step.</para>
/// </remarks>
public sealed unsafe partial class CollectiveCommunicator : IDisposable
{
    private const int MostTagBlocks = 512;

    private readonly Transport _transport;
    private readonly CommunicatorOptions _options;
    private readonly OperationPool _pool = new();
    private readonly List<CollectiveOperation> _underWay = [];
    private readonly CollectiveOperation?[] _tagBlocks;
    private readonly List<IDisposable> _buffers = [];
    private readonly NodeEngine? _node;
    private readonly LevelEngine? _levels;
    private readonly CallPlanner _planner;
    private long _sequence;
    private bool _disposed;

    /// <summary>Makes a communicator of the same ranks. A collective call: the MPI communicator is duplicated, and stays the caller's.</summary>
    /// <exception cref="MpiException">MPI cannot duplicate the communicator.</exception>
    /// <exception cref="ScheduleException">The ranks do not have the same tuning rules.</exception>
    public CollectiveCommunicator(Intracommunicator comm, CommunicatorOptions? options = null)
        : this(TransportOver(comm, options ??= new()), options)
    {
    }

    /// <summary>Makes a communicator over a transport, which it owns from now on.</summary>
    public CollectiveCommunicator(Transport transport, CommunicatorOptions? options = null)
    {
        _transport = transport;
        _options = options ?? new();
        if (_options.SegmentsInFlight < 0)
            throw new ScheduleException($"{nameof(CommunicatorOptions.SegmentsInFlight)} is {_options.SegmentsInFlight}; it needs to be at least 1, or 0 for the default.");
        if (_options.StallTimeout <= TimeSpan.Zero)
            throw new ScheduleException($"{nameof(CommunicatorOptions.StallTimeout)} is {_options.StallTimeout}; it needs to be longer than zero.");
        if (_options.RecordedCalls is < 1 or > MostRecordedCalls)
            throw new ScheduleException($"{nameof(CommunicatorOptions.RecordedCalls)} is {_options.RecordedCalls}; it needs to be from 1 to {MostRecordedCalls}.");

        // The highest tag is for checks.
        long tagBlocks = transport.MaxTag / Schedule.MaxChannels;
        _tagBlocks = new CollectiveOperation?[Math.Min(MostTagBlocks, tagBlocks)];
        if (transport.NodeMemory is { } memory && memory.Size == transport.Size && memory.Size > 1)
            _node = new(memory, transport.HasOwnCores);
        if (_node == null && transport.NodeMemory != null && transport.Nodes is { Nodes: > 1, RanksPerNode: > 1 })
            _levels = new(transport, transport.MakeRail(), _options);
        Recorder = new(_options.RecordedCalls, transport.NodeMemory, WaitsOf);
        _stalls = new(transport, Recorder, _options.StallTimeout);
        _checker = _options.Checked && transport.Size > 1 ? new(transport) : null;
        bool probesCosts = _options.ProbeCosts ?? (transport.Nodes is { Nodes: > 1 } && _options.Rules == null && _options.CostModel == CostModel.Default);
        CostModel = probesCosts ? CostProbe.Measure(transport, _options.StallTimeout) : _options.CostModel;
        _planner = new(transport, _options, sharesMemory: _node != null || _levels != null, CostModel);
    }

    /// <summary>This rank.</summary>
    public int Rank => _transport.Rank;

    /// <summary>The number of ranks.</summary>
    public int Size => _transport.Size;

    /// <summary>The costs by which algorithms are compared: measured or given, the same on all ranks.</summary>
    public CostModel CostModel { get; }

    /// <summary>Whether all ranks are on one node and see each other's buffers; false for one rank alone. Ranks are then numbered on the node as in the communicator.</summary>
    public bool SharesOneNode => _node != null;

    /// <summary>Whether the ranks of each node see each other's buffers, and there are at least two on each; the same on all ranks.</summary>
    public bool SharesMemory => _node != null || _levels != null;

    /// <summary>
    /// Allocates a buffer that belongs to the communicator. A collective call: the ranks of a node get memory that all of them see, on which collectives
    /// need no copies.
    /// </summary>
    /// <param name="count">Its length in elements; 0 or more; it may differ between ranks.</param>
    /// <exception cref="MpiException">There is not enough shared memory.</exception>
    public CollectiveBuffer<T> Allocate<T>(long count)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new CollectiveBuffer<T>(count, _buffers, _transport.NodeMemory is { Size: > 1 } node ? node : null);
    }

    /// <summary>
    /// Starts a collective. It moves on inside calls to this communicator only, so a rank that computes meanwhile should call
    /// <see cref="CollectiveRequest.Test"/> now and then. Several may be under way; they may be waited for in any order.
    /// </summary>
    /// <param name="call">What, on which memory: not to be touched until the request is done.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <exception cref="ScheduleException">Unknown algorithm, a call that makes no sense, or an operation of the communicator failed.</exception>
    public CollectiveRequest Start(in CollectiveCall call, CollectiveOptions? options = null)
    {
        RequireUsable();
        return Start(in call, _planner.PlanFor(in call, options ?? CollectiveOptions.Default));
    }

    /// <summary>Does a collective: <see cref="Start(in CollectiveCall, CollectiveOptions?)"/> and <see cref="CollectiveRequest.Wait"/>.</summary>
    /// <param name="call">What, on which memory.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    /// <exception cref="ScheduleException">Unknown algorithm, a peer that does not answer, or ranks that do not call the same.</exception>
    public CollectiveResult Run(in CollectiveCall call, CollectiveOptions? options = null)
    {
        if (_node == null || _underWay.Count > 0 || _checker != null)
            return Start(in call, options).Wait();

        // Nothing else is under way: no request is needed, which saves as much time as a short message takes.
        RequireUsable();
        PlannedCall plan = _planner.PlanFor(in call, options ?? CollectiveOptions.Default);
        if (plan.Node == null)
            return Start(in call, options).Wait();
        FlightSlot* slot = Recorder.Begin(plan.Signature, plan.Label);
        long started = Observer == null ? 0 : Stopwatch.GetTimestamp();
        try
        {
            string path = _node.RunNow(in call, plan.Node, _options.StallTimeout, _stalls);
            if (_node.WasLong)
                FlightRecorder.End(slot, path);
            else
                FlightRecorder.EndAtOnce(slot);
            if (Observer != null)
                Tell(plan, Recorder.Called, slot: 0, started, path);
            return plan.Result with { Path = path };
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
    }

    /// <summary>Says how a call would be done, and why, without doing it. Not a collective call; the call's memory need not be there.</summary>
    /// <exception cref="ScheduleException">The call makes no sense, or what is asked for, or what a rule says, cannot be done.</exception>
    public AlgorithmChoice Explain(in CollectiveCall call, CollectiveOptions? options = null) => _planner.Explain(in call, options);

    /// <summary>
    /// Completes what is under way, then frees all buffers and the duplicated communicator. A collective call. An operation that stalls is given up,
    /// in silence: the request tells when it is waited for.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        try
        {
            while (_failure == null && _underWay.Count > 0)
                WaitFor(_underWay[0], _underWay[0].Run);
        }
        catch (ScheduleException)
        {
            // Said in the summary; a Dispose that throws would hide the error that led here.
        }

        _disposed = true;
        _pool.Dispose();
        foreach (IDisposable buffer in _buffers.ToArray())
            buffer.Dispose();
        Recorder.Dispose();
        _node?.Dispose();
        _levels?.Dispose();
        _transport.Dispose();
    }

    /// <summary>Moves everything that is under way on, once.</summary>
    /// <returns>Whether anything moved.</returns>
    internal bool Progress()
    {
        RequireUsable();
        bool moved = false;
        try
        {
            for (int i = 0; i < _underWay.Count;)
            {
                if (_underWay[i].Progress())
                {
                    moved = true;
                    Recorder.Moved(_underWay[i].Number);
                }

                if (!RetireIfDone(i))
                    i++;
            }
        }
        catch (Exception error)
        {
            throw Failed(error);
        }

        // A rank that polls instead of waiting takes part in the search for the cause of another rank's stall, too.
        if (!moved && _underWay.Count > 0 && ++_idlePasses % IdlePassesBetweenLooks == 0 && _stalls.IsCalled())
            throw Stalled(_underWay[0], TimeSpan.FromMilliseconds(Recorder.Own().AgeMilliseconds));
        return moved;
    }

    /// <summary>Moves everything on until that run of the operation is complete.</summary>
    internal void WaitFor(CollectiveOperation operation, long run)
    {
        var patience = new Patience(_options.StallTimeout, _transport.HasOwnCores, _stalls);
        while (true)
        {
            bool moved = Progress();
            if (operation.Run != run)
                return;
            if (moved)
                patience.Restart();
            else if (!patience.Wait())
                throw Stalled(operation, patience.Waited);
        }
    }

    private static MpiTransport TransportOver(Intracommunicator comm, CommunicatorOptions options)
    {
        TuningRules.RequireSame(comm, options.Rules);
        return new(comm, options.SharesMemory);
    }

    private CollectiveRequest Start(in CollectiveCall call, PlannedCall plan)
    {
        long sequence = _sequence++;
        int block = (int)(sequence % _tagBlocks.Length);
        if (_tagBlocks[block] is { IsUnderWay: true } earlier && earlier.Sequence == sequence - _tagBlocks.Length)
            WaitFor(earlier, earlier.Run);

        CollectiveOperation operation = _pool.Rent(plan.Shape) ?? MakeOperation(plan);
        if (plan.Node != null)
            ((NodeOperation)operation).Prepare(plan.Node, plan.Result);
        if (plan.Levels != null)
            ((LevelOperation)operation).Prepare(plan.Levels, plan.Result);
        var request = new CollectiveRequest(this, operation, operation.Result);
        _tagBlocks[block] = operation;
        Recorder.Begin(plan.Signature, plan.Label);
        Observe(operation, plan);
        CallCheck? check = _checker?.Post(new(Recorder.Called, plan.Signature, plan.Shape.SegmentBytes, plan.Shape.PartialType, plan.Label));
        _underWay.Add(operation);
        try
        {
            operation.Start(in call, sequence, block * Schedule.MaxChannels, Recorder.Called, check);
        }
        catch (Exception error)
        {
            throw Failed(error);
        }

        RetireIfDone(_underWay.Count - 1);
        return request;
    }

    private bool RetireIfDone(int position)
    {
        CollectiveOperation operation = _underWay[position];
        if (operation.IsUnderWay)
            return false;
        FlightSlot* slot = Recorder.SlotOf(operation.Number);
        if (slot != null)
            FlightRecorder.End(slot, operation.Result.Path);
        Tell(operation);
        _underWay.RemoveAt(position);
        _pool.Return(operation);
        return true;
    }

    private CollectiveOperation MakeOperation(PlannedCall plan)
    {
        if (plan.Node != null)
            return new NodeOperation(_node!);
        if (plan.Levels != null)
            return new LevelOperation(_levels!);
        var call = new CollectiveCall { Collective = plan.Key.Collective, Count = plan.Key.Count, Root = plan.Key.Root };
        return new ScheduledOperation(plan.Shape, _transport, _planner.SegmentsInFlight(plan.Shape.Schedule!), call.Ranges(Rank, Size).Total);
    }
}

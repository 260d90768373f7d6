using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;
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

    // Over shared memory a message costs about 3 microseconds beyond its copy, and a switch of threads when ranks outnumber cores. Shorter
    // segments overlap more but measured slower from 256 KiB to 24 MiB at 2 and 4 ranks; longer ones gain little and leave the caches.
    private const long DefaultSegmentBytes = 1024 * 1024;

    private readonly Transport _transport;
    private readonly CommunicatorOptions _options;
    private readonly Dictionary<(CollectiveKind, string, int Root), Schedule> _schedules = [];
    private readonly Dictionary<(CollectiveKind, int Root), ScheduleSpec> _specs = [];
    private readonly HashSet<Schedule> _verified = [];
    private readonly OperationPool _pool = new();
    private readonly List<CollectiveOperation> _underWay = [];
    private readonly CollectiveOperation?[] _tagBlocks;
    private readonly HashSet<IDisposable> _buffers = [];
    private readonly bool _ownCores;
    private ScheduleException? _failure;
    private long _sequence;
    private bool _disposed;

    /// <summary>Makes a communicator of the same ranks. A collective call: the MPI communicator is duplicated, and stays the caller's.</summary>
    /// <exception cref="MpiException">MPI cannot duplicate the communicator.</exception>
    public CollectiveCommunicator(Intracommunicator comm, CommunicatorOptions? options = null)
        : this(new MpiTransport(comm), options)
    {
    }

    /// <summary>Makes a communicator over a transport, which it owns from now on.</summary>
    public CollectiveCommunicator(Transport transport, CommunicatorOptions? options = null)
    {
        _transport = transport;
        _options = options ?? new();
        if (_options.SegmentsInFlight < 1)
            throw new ScheduleException($"{nameof(CommunicatorOptions.SegmentsInFlight)} is {_options.SegmentsInFlight}; it needs to be at least 1.");
        if (_options.StallTimeout <= TimeSpan.Zero)
            throw new ScheduleException($"{nameof(CommunicatorOptions.StallTimeout)} is {_options.StallTimeout}; it needs to be longer than zero.");
        long tagBlocks = (transport.MaxTag + 1L) / Schedule.MaxChannels;
        _tagBlocks = new CollectiveOperation?[Math.Min(MostTagBlocks, tagBlocks)];
        _ownCores = transport.Size <= Environment.ProcessorCount;
    }

    /// <summary>This rank.</summary>
    public int Rank => _transport.Rank;

    /// <summary>The number of ranks.</summary>
    public int Size => _transport.Size;

    /// <summary>Allocates a buffer that belongs to the communicator.</summary>
    /// <param name="count">Its length in elements; 0 or more.</param>
    public CollectiveBuffer<T> Allocate<T>(long count)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new CollectiveBuffer<T>(count, _buffers);
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
        CheckCall(in call);
        OperationShape shape = ShapeOf(in call, options ?? CollectiveOptions.Default);

        long sequence = _sequence++;
        int block = (int)(sequence % _tagBlocks.Length);
        if (_tagBlocks[block] is { IsUnderWay: true } earlier && earlier.Sequence == sequence - _tagBlocks.Length)
            WaitFor(earlier, earlier.Run);

        CollectiveOperation operation = _pool.Rent(shape) ?? MakeOperation(shape, in call);
        var request = new CollectiveRequest(this, operation, operation.Result);
        _tagBlocks[block] = operation;
        _underWay.Add(operation);
        try
        {
            operation.Start(in call, sequence, block * Schedule.MaxChannels);
        }
        catch (Exception error)
        {
            throw Failed(error);
        }

        RetireIfDone(_underWay.Count - 1);
        return request;
    }

    /// <summary>Does a collective: <see cref="Start"/> and <see cref="CollectiveRequest.Wait"/>.</summary>
    /// <param name="call">What, on which memory.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    /// <exception cref="ScheduleException">Unknown algorithm, a peer that does not answer, or ranks that do not call the same.</exception>
    public CollectiveResult Run(in CollectiveCall call, CollectiveOptions? options = null) => Start(in call, options).Wait();

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
                moved |= _underWay[i].Progress();
                if (!RetireIfDone(i))
                    i++;
            }
        }
        catch (Exception error)
        {
            throw Failed(error);
        }

        return moved;
    }

    /// <summary>Moves everything on until that run of the operation is complete.</summary>
    internal void WaitFor(CollectiveOperation operation, long run)
    {
        var patience = new Patience(_options.StallTimeout, _ownCores);
        while (true)
        {
            bool moved = Progress();
            if (operation.Run != run)
                return;
            if (moved)
                patience.Restart();
            else if (!patience.Wait())
                throw Failed(operation.Stalled(_options.StallTimeout));
        }
    }

    private bool RetireIfDone(int position)
    {
        CollectiveOperation operation = _underWay[position];
        if (operation.IsUnderWay)
            return false;
        _underWay.RemoveAt(position);
        _pool.Return(operation);
        return true;
    }

    private void CheckCall(in CollectiveCall call)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(call.Count);
        if (call.Collective.HasRoot() && (uint)call.Root >= (uint)Size)
            throw new ScheduleException($"Rank {Rank} calls {call.Collective.Name()} with root {call.Root}; ranks are numbered from 0 to {Size - 1}.");
        CallRanges ranges = call.Ranges(Rank, Size);
        if (call.Collective != CollectiveKind.Barrier && ((call.Source == null && ranges.Input.Length > 0) || (call.Destination == null && ranges.Output.Length > 0)))
            throw new ScheduleException($"Rank {Rank} calls {call.Collective.Name()} of {call.Count} elements without memory for its contribution or its result.");
    }

    private OperationShape ShapeOf(in CollectiveCall call, CollectiveOptions options)
    {
        bool widens = call.Type is ElementType.F16 or ElementType.BF16
            && call.Collective.Reduces()
            && call.Op is not (ReduceOp.Min or ReduceOp.Max)
            && options.Partials == PartialPrecision.Single
            && Size > 1;
        ElementType partialType = widens ? ElementType.F32 : call.Type;
        if (options.SegmentBytes < 0)
            throw new ScheduleException($"{nameof(CollectiveOptions.SegmentBytes)} is {options.SegmentBytes}; it needs to be at least 1, or 0 for the default.");
        long segmentBytes = options.SegmentBytes > 0 ? options.SegmentBytes : DefaultSegmentBytes;
        Schedule schedule = options.Schedule != null
            ? Verified(options.Schedule, in call)
            : ScheduleOf(in call, options.Algorithm, checked(call.Ranges(Rank, Size).Total * partialType.SizeInBytes()));
        return new(schedule, call.Count, call.Type, partialType, segmentBytes);
    }

    private Schedule ScheduleOf(in CollectiveCall call, string name, long bytes)
    {
        int root = call.Collective.HasRoot() ? call.Root : 0;
        string known = AlgorithmCatalog.Find(call.Collective, name)?.Name ?? Choice(call.Collective, root, bytes);
        if (!_schedules.TryGetValue((call.Collective, known, root), out Schedule? schedule))
            _schedules.Add((call.Collective, known, root), schedule = AlgorithmCatalog.Create(known, SpecOf(call.Collective, root)));
        return schedule;
    }

    private string Choice(CollectiveKind collective, int root, long bytes) =>
        AlgorithmCatalog.Choose(SpecOf(collective, root), bytes, _options.CostModel).Name;

    private ScheduleSpec SpecOf(CollectiveKind collective, int root)
    {
        if (!_specs.TryGetValue((collective, root), out ScheduleSpec? spec))
            _specs.Add((collective, root), spec = new(collective, Size) { Root = root });
        return spec;
    }

    private ScheduledOperation MakeOperation(in OperationShape shape, in CollectiveCall call) =>
        new(shape, _transport, _options.SegmentsInFlight, call.Ranges(Rank, Size).Total);

    private Schedule Verified(Schedule schedule, in CollectiveCall call)
    {
        if (schedule.Collective != call.Collective)
            throw new ScheduleException($"Schedule '{schedule.Algorithm}' is for {schedule.Collective.Name()}, but the call is {call.Collective.Name()}.");
        if (schedule.Ranks != Size)
            throw new ScheduleException($"Schedule '{schedule.Algorithm}' is for {schedule.Ranks} ranks, but there are {Size}; make one for {Size}.");
        if (schedule.Root is { } root && root != call.Root)
            throw new ScheduleException($"Schedule '{schedule.Algorithm}' has root {root}, but the call has root {call.Root}.");
        if (_verified.Add(schedule))
            ScheduleVerifier.Verify(schedule);
        return schedule;
    }

    private void RequireUsable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_failure != null)
            throw new ScheduleException($"Rank {Rank} cannot use the communicator any more, because an operation failed: {_failure.Message}", _failure);
    }

    /// <summary>Gives up everything under way and marks the communicator unusable.</summary>
    private ScheduleException Failed(Exception error)
    {
        _failure = error as ScheduleException ?? new ScheduleException(error.Message, error);
        foreach (CollectiveOperation operation in _underWay)
            operation.Abandon();
        return _failure;
    }
}

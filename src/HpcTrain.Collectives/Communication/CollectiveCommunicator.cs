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
public sealed unsafe class CollectiveCommunicator : IDisposable
{
    private const int MostTagBlocks = 512;

    // Over shared memory a message costs about 3 microseconds beyond its copy, and a switch of threads when ranks outnumber cores. Shorter
    // segments overlap more but measured slower from 256 KiB to 24 MiB at 2 and 4 ranks; longer ones gain little and leave the caches.
    private const long DefaultSegmentBytes = 1024 * 1024;

    private readonly Transport _transport;
    private readonly CollectiveOptions _options;
    private readonly Dictionary<string, Schedule> _schedules = [];
    private readonly HashSet<Schedule> _verified = [];
    private readonly OperationPool _pool = new();
    private readonly List<AllReduceOperation> _underWay = [];
    private readonly AllReduceOperation?[] _tagBlocks;
    private readonly HashSet<IDisposable> _buffers = [];
    private readonly bool _ownCores;
    private ScheduleException? _failure;
    private long _sequence;
    private bool _disposed;

    /// <summary>Makes a communicator of the same ranks. A collective call: the MPI communicator is duplicated, and stays the caller's.</summary>
    /// <exception cref="MpiException">MPI cannot duplicate the communicator.</exception>
    public CollectiveCommunicator(Intracommunicator comm, CollectiveOptions? options = null)
        : this(new MpiTransport(comm), options)
    {
    }

    /// <summary>Makes a communicator over a transport, which it owns from now on.</summary>
    public CollectiveCommunicator(Transport transport, CollectiveOptions? options = null)
    {
        _transport = transport;
        _options = options ?? new();
        if (_options.SegmentsInFlight < 1)
            throw new ScheduleException($"{nameof(CollectiveOptions.SegmentsInFlight)} is {_options.SegmentsInFlight}; it needs to be at least 1.");
        if (_options.StallTimeout <= TimeSpan.Zero)
            throw new ScheduleException($"{nameof(CollectiveOptions.StallTimeout)} is {_options.StallTimeout}; it needs to be longer than zero.");
        long tagBlocks = (transport.MaxTag + 1L) / Schedule.MaxChannels;
        _tagBlocks = new AllReduceOperation?[Math.Min(MostTagBlocks, tagBlocks)];
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

    /// <summary>Reduces the buffers of all ranks, element by element, into all of them.</summary>
    /// <param name="buffer">This rank's contribution, and then the result. The same length on all ranks.</param>
    /// <param name="op">
    /// The operation. Integers wrap around on overflow; an average of integers is their wrapped sum divided toward zero.
    /// </param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    /// <exception cref="ScheduleException">Unknown algorithm, a peer that does not answer, or ranks that do not call the same.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not an <see cref="ElementType"/>.</exception>
    public AllReduceResult AllReduce<T>(Span<T> buffer, ReduceOp op = ReduceOp.Sum, AllReduceOptions? options = null)
        where T : unmanaged
    {
        // Pinned until Wait has returned, which is when no message touches the memory any more.
        fixed (T* data = buffer)
            return AllReduce(data, buffer.Length, ElementTypes.Of<T>(), op, options);
    }

    /// <summary>Reduces the buffers of all ranks, element by element, into all of them.</summary>
    /// <param name="buffer">This rank's contribution, and then the result: native or pinned memory, aligned to its elements.</param>
    /// <param name="count">Its length in elements; the same on all ranks.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">The operation, see <see cref="AllReduce{T}(Span{T}, ReduceOp, AllReduceOptions?)"/>.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    /// <exception cref="ScheduleException">Unknown algorithm, a peer that does not answer, or ranks that do not call the same.</exception>
    public AllReduceResult AllReduce(void* buffer, long count, ElementType type, ReduceOp op = ReduceOp.Sum, AllReduceOptions? options = null) =>
        AllReduceAsync(buffer, count, type, op, options).Wait();

    /// <summary>
    /// Starts an allreduce. It moves on inside calls to this communicator only, so a rank that computes meanwhile should call
    /// <see cref="CollectiveRequest.Test"/> now and then. Several may be under way; they may be waited for in any order.
    /// </summary>
    /// <param name="buffer">Native or pinned memory; not to be touched until the request is done.</param>
    /// <param name="count">Its length in elements; the same on all ranks.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">The operation, see <see cref="AllReduce{T}(Span{T}, ReduceOp, AllReduceOptions?)"/>.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <exception cref="ScheduleException">Unknown algorithm, or an operation of the communicator failed.</exception>
    public CollectiveRequest AllReduceAsync(void* buffer, long count, ElementType type, ReduceOp op, AllReduceOptions? options = null)
    {
        RequireUsable();
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        AllReduceShape shape = ShapeOf(count, type, op, options ?? AllReduceOptions.Default);

        long sequence = _sequence++;
        int block = (int)(sequence % _tagBlocks.Length);
        if (_tagBlocks[block] is { IsUnderWay: true } earlier && earlier.Sequence == sequence - _tagBlocks.Length)
            WaitFor(earlier, earlier.Run);

        AllReduceOperation operation = _pool.Rent(shape) ?? new(shape, _transport, _options.SegmentsInFlight);
        var request = new CollectiveRequest(this, operation, operation.Result);
        _tagBlocks[block] = operation;
        _underWay.Add(operation);
        try
        {
            operation.Start(buffer, op, sequence, block * Schedule.MaxChannels);
        }
        catch (Exception error)
        {
            throw Failed(error);
        }

        RetireIfDone(_underWay.Count - 1);
        return request;
    }

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
    internal void WaitFor(AllReduceOperation operation, long run)
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
        AllReduceOperation operation = _underWay[position];
        if (operation.IsUnderWay)
            return false;
        _underWay.RemoveAt(position);
        _pool.Return(operation);
        return true;
    }

    private AllReduceShape ShapeOf(long count, ElementType type, ReduceOp op, AllReduceOptions options)
    {
        bool widens = type is ElementType.F16 or ElementType.BF16
            && op is ReduceOp.Sum or ReduceOp.Prod or ReduceOp.Avg
            && options.Partials == PartialPrecision.Single
            && Size > 1;
        ElementType partialType = widens ? ElementType.F32 : type;
        if (options.SegmentBytes < 0)
            throw new ScheduleException($"{nameof(AllReduceOptions.SegmentBytes)} is {options.SegmentBytes}; it needs to be at least 1, or 0 for the default.");
        long segmentBytes = options.SegmentBytes > 0 ? options.SegmentBytes : DefaultSegmentBytes;
        Schedule schedule = options.Schedule != null
            ? Verified(options.Schedule)
            : ScheduleOf(options.Algorithm, checked(count * partialType.SizeInBytes()));
        return new(schedule, count, type, partialType, segmentBytes);
    }

    private Schedule ScheduleOf(string algorithm, long bytes)
    {
        string name = AlgorithmCatalog.Parse(algorithm);
        if (name == AlgorithmCatalog.Auto)
            name = AlgorithmCatalog.Choose(Size, bytes, _options.CostModel);
        if (!_schedules.TryGetValue(name, out Schedule? schedule))
            _schedules.Add(name, schedule = AlgorithmCatalog.Create(name, Size));
        return schedule;
    }

    private Schedule Verified(Schedule schedule)
    {
        if (_verified.Contains(schedule))
            return schedule;
        if (schedule.Collective != CollectiveKind.AllReduce)
            throw new ScheduleException($"Schedule '{schedule.Algorithm}' is a {schedule.Collective.Name()}, not an allreduce.");
        if (schedule.Ranks != Size)
            throw new ScheduleException($"Schedule '{schedule.Algorithm}' is for {schedule.Ranks} ranks, but there are {Size}; make one for {Size}.");
        ScheduleVerifier.Verify(schedule);
        _verified.Add(schedule);
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
        foreach (AllReduceOperation operation in _underWay)
            operation.Abandon();
        return _failure;
    }
}

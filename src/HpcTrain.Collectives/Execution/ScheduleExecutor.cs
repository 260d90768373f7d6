using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <summary>
/// Runs one rank's program of a schedule over a transport, for one buffer length and element type, as often as wanted. After
/// its construction it allocates nothing. One run at a time; not for use by several threads at once.
/// </summary>
public sealed unsafe partial class ScheduleExecutor : IDisposable
{
    // Idea. Each queue of the plan keeps up to `SegmentsInFlight` segments of its steps posted. A pass looks at every queue that has
    // work left: it retires the oldest segment if that is done, reducing it if it has to be, and posts the next ones if the elements
    // that they touch are ready. No queue waits for another unless they share elements. A segment that will be reduced arrives in
    // staging memory, so its receive is posted before its turn. A pass reduces at most one segment per queue, so that messages keep
    // moving in between. On a device that queues its work, a segment is done when the device has come to its mark, one for each queue and one for
    // what is queued before the first message.
    private readonly ExecutionPlan _plan;
    private readonly Transport _transport;
    private readonly ComputeDevice _device;
    private readonly DeviceMarks? _marks;
    private readonly int _window;
    private readonly QueueState[] _queues;
    private readonly int[] _active;
    private readonly int[] _tickets;
    private readonly byte*[] _staging;
    private readonly long[] _done;
    private readonly byte*[] _memories = new byte*[ExecutionPlan.Input + 1];
    private readonly MemoryBlock _memory;
    private int _activeCount;
    private bool _awaitsBegin;
    private int _tagBase;
    private ReduceOp _op;
    private bool _disposed;

    /// <summary>Prepares the runs: cuts the program to the buffer's length and allocates staging and scratch memory.</summary>
    /// <param name="schedule">A correct schedule for as many ranks as the transport has; verify those that come from elsewhere.</param>
    /// <param name="transport">This rank's transport; it stays the caller's.</param>
    /// <param name="count">
    /// The length of all chunks together in elements; the same on all ranks. For collectives with blocks: of all blocks; for an all-to-all: of the
    /// blocks of all pairs of ranks.
    /// </param>
    /// <param name="type">The element type; the same on all ranks.</param>
    /// <param name="segmentBytes">The longest message; the same on all ranks. At least 1 element is sent at a time.</param>
    /// <param name="segmentsInFlight">The messages that one channel keeps under way in each direction; at least 1.</param>
    /// <exception cref="ScheduleException">The schedule is for another number of ranks.</exception>
    public ScheduleExecutor(Schedule schedule, Transport transport, long count, ElementType type, long segmentBytes, int segmentsInFlight)
        : this(schedule, transport, HostDevice.Instance, count, type, segmentBytes, segmentsInFlight)
    {
    }

    /// <summary>Prepares runs in the memory of a device, whose addresses the transport understands.</summary>
    internal ScheduleExecutor(
        Schedule schedule, Transport transport, ComputeDevice device, long count, ElementType type, long segmentBytes, int segmentsInFlight)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(segmentBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(segmentsInFlight, 1);
        if (schedule.Ranks != transport.Size)
            throw new ScheduleException($"Schedule '{schedule.Algorithm}' is for {schedule.Ranks} ranks, but there are {transport.Size}; make one for {transport.Size}.");

        _transport = transport;
        _device = device;
        _window = segmentsInFlight;
        _plan = new(schedule, transport.Rank, count, type, segmentBytes);
        _queues = new QueueState[_plan.Queues.Length];
        _active = new int[_queues.Length];
        _tickets = new int[_queues.Length * _window];
        _staging = new byte*[_queues.Length * _window];
        _done = new long[_plan.Steps.Length];
        SentBytes = _plan.SentBytes;
        transport.Reserve(_tickets.Length);
        _memory = device.Allocate(LayOut(null));
        LayOut(_memory.Pointer);
        _marks = device.IsQueued ? device.MakeMarks(_queues.Length + 1) : null;
    }

    /// <summary>The schedule that is run.</summary>
    public Schedule Schedule => _plan.Schedule;

    /// <summary>The bytes that this rank sends in one run.</summary>
    public long SentBytes { get; }

    /// <summary>Whether nothing is under way: not started, or all done.</summary>
    public bool IsDone => _activeCount == 0;

    /// <summary>This rank.</summary>
    internal int Rank => _plan.Rank;

    /// <summary>Where this rank's elements lie.</summary>
    internal MemoryLayout Layout => _plan.Layout;

    /// <summary>Starts a run in place and posts what can be posted at once.</summary>
    /// <param name="data">The buffer, with the contribution; native or pinned until the run is done.</param>
    /// <param name="op">The operation of all reductions; <see cref="ReduceOp.Avg"/> leaves the sum.</param>
    /// <param name="tagBase">
    /// The tag of channel 0; channel c uses this plus c. Runs that overlap on one transport need <see cref="Schedule.MaxChannels"/> tags each.
    /// </param>
    public void Start(void* data, ReduceOp op, int tagBase) => Start(data, data, op, tagBase);

    /// <summary>Starts a run and posts what can be posted at once.</summary>
    /// <param name="input">
    /// Where the contribution begins to be read: addressed as if all chunks lay there (in an all-to-all: this rank's row of them), although only the
    /// rank's own contribution is read. Not written, unless it is <paramref name="data"/>. Native or pinned until the run is done.
    /// </param>
    /// <param name="data">
    /// Where results are written: addressed as if all chunks lay there (in an all-to-all: one block from each rank), although only what
    /// the program writes and the rank's result is touched. Native or pinned until the run is done.
    /// </param>
    /// <param name="op">The operation of all reductions; <see cref="ReduceOp.Avg"/> leaves the sum.</param>
    /// <param name="tagBase">
    /// The tag of channel 0; channel c uses this plus c. Runs that overlap on one transport need <see cref="Schedule.MaxChannels"/> tags each.
    /// </param>
    public void Start(void* input, void* data, ReduceOp op, int tagBase)
    {
        if (!IsDone)
            throw new InvalidOperationException("The run before is still under way.");
        _memories[0] = (byte*)data;
        _memories[ExecutionPlan.Input] = (byte*)input;
        if (input != data)
            CopyKept();
        _op = op;
        _tagBase = tagBase;
        Array.Clear(_done);
        _activeCount = _queues.Length;
        for (int q = 0; q < _queues.Length; q++)
        {
            StepQueue queue = _plan.Queues[q];
            _active[q] = q;
            _queues[q] = new() { Next = queue.First, Oldest = queue.First };
        }

        // Whatever is queued before may touch the memory of the first messages.
        _marks?.Set(_queues.Length);
        _awaitsBegin = _marks != null;
        Progress();
    }

    /// <summary>Moves on whatever can move, without waiting.</summary>
    /// <returns>Whether anything moved.</returns>
    /// <exception cref="ScheduleException">A peer runs another operation.</exception>
    public bool Progress()
    {
        bool moved = false;
        if (_awaitsBegin && !(moved = HasBegun()))
            return false;
        for (int a = 0; a < _activeCount;)
        {
            int q = _active[a];
            moved |= Advance(q);
            if (_queues[q].Oldest < _plan.Queues[q].End)
                a++;
            else
                _active[a] = _active[--_activeCount];
        }

        return moved;
    }

    /// <summary>Starts a run and waits for its end.</summary>
    /// <param name="data">The buffer, see <see cref="Start(void*, ReduceOp, int)"/>.</param>
    /// <param name="op">The operation, see <see cref="Start(void*, ReduceOp, int)"/>.</param>
    /// <param name="tagBase">The tag of channel 0, see <see cref="Start(void*, ReduceOp, int)"/>.</param>
    /// <param name="stallTimeout">How long nothing may move before it counts as a fault.</param>
    /// <exception cref="ScheduleException">Nothing moved for that long, or a peer runs another operation.</exception>
    public void Run(void* data, ReduceOp op, int tagBase, TimeSpan stallTimeout)
    {
        var patience = new Patience(stallTimeout, ownCore: _transport.Size <= Environment.ProcessorCount);
        Start(data, op, tagBase);
        while (!IsDone)
        {
            if (Progress())
                patience.Restart();
            else if (!patience.Wait())
                throw Stalled(stallTimeout);
        }
    }

    /// <summary>Gives up what is under way and frees the memory.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Abandon();
        _marks?.Dispose();
        _memory.Dispose();
        _transport.Reserve(-_tickets.Length);
    }

    private bool Advance(int q)
    {
        bool retired = Retire(q);
        bool posted = _plan.Queues[q].Kind == QueueKind.Local ? RunLocal(q) : Post(q);
        return retired | posted;
    }

    private bool Retire(int q)
    {
        ref QueueState queue = ref _queues[q];
        if (queue.InFlight == 0 || (queue.Queued && !_marks!.IsReached(q)))
            return false;
        if (!queue.Arrived && !queue.Queued && !_transport.Test(_tickets[Slot(q, queue.Head)]))
            return false;

        int s = _plan.QueuedSteps[queue.Oldest];
        ref readonly Step step = ref _plan.Steps[s];
        long from = step.Start + _done[s];
        long length = Math.Min(step.SegmentLength, step.Length - _done[s]);
        if (step.Instruction.Operation == Operation.RecvReduce && !queue.Queued)
        {
            bool news = !queue.Arrived;
            queue.Arrived = true;
            if (!IsReady(in step, from, from + length))
                return news;
            queue.Arrived = false;
            Reduce(in step, from, _staging[Slot(q, queue.Head)], length);
            if (IsLeftQueued(q))
                return true;
        }

        queue.Queued = false;
        queue.Head = (queue.Head + 1) % _window;
        queue.InFlight--;
        Complete(ref queue, s, length);
        return true;
    }

    private bool Post(int q)
    {
        ref QueueState queue = ref _queues[q];
        StepQueue plan = _plan.Queues[q];
        bool posted = false;
        while (queue.InFlight < _window && queue.Next < plan.End)
        {
            ref readonly Step step = ref _plan.Steps[_plan.QueuedSteps[queue.Next]];
            long from = step.Start + queue.Posted;
            long length = Math.Min(step.SegmentLength, step.Length - queue.Posted);
            int slot = Slot(q, queue.Head + queue.InFlight);
            bool staged = step.Instruction.Operation == Operation.RecvReduce;
            if (!staged && (!IsReady(in step, from, from + length) || (plan.Kind == QueueKind.Send && GivesWay(q))))
                break;

            byte* place = staged ? _staging[slot] : At(plan.Kind == QueueKind.Send ? step.Source : step.Target, from);
            long bytes = length * _plan.ElementBytes;
            int tag = _tagBase + plan.Channel;
            _tickets[slot] = plan.Kind == QueueKind.Send
                ? _transport.PostSend(place, bytes, plan.Peer, tag, isStreamed: step.Length > _window * step.SegmentLength)
                : _transport.PostReceive(place, bytes, plan.Peer, tag);
            queue.InFlight++;
            queue.Posted += length;
            posted = true;
            if (queue.Posted == step.Length)
            {
                queue.Next++;
                queue.Posted = 0;
            }
        }

        return posted;
    }

    /// <summary>
    /// Whether an earlier send of the same lane has data to send. They share a link: what the lane does first is what others wait for first, and later
    /// data that overtakes it would only make everybody's last messages late.
    /// </summary>
    private bool GivesWay(int q)
    {
        int mine = _plan.QueuedSteps[_queues[q].Next];
        foreach (int other in _plan.SendSiblings[q])
        {
            ref QueueState sibling = ref _queues[other];
            if (sibling.Next == _plan.Queues[other].End || _plan.QueuedSteps[sibling.Next] is var theirs && theirs > mine)
                continue;
            ref readonly Step step = ref _plan.Steps[theirs];
            long from = step.Start + sibling.Posted;
            if (IsReady(in step, from, from + Math.Min(step.SegmentLength, step.Length - sibling.Posted)))
                return true;
        }

        return false;
    }

    private bool RunLocal(int q)
    {
        ref QueueState queue = ref _queues[q];
        if (queue.Oldest == _plan.Queues[q].End)
            return false;
        int s = _plan.QueuedSteps[queue.Oldest];
        ref readonly Step step = ref _plan.Steps[s];
        long from = step.Start + _done[s];
        long length = Math.Min(step.SegmentLength, step.Length - _done[s]);
        if (queue.Queued ? !_marks!.IsReached(q) : !IsReady(in step, from, from + length))
            return false;

        if (!queue.Queued)
        {
            byte* source = At(step.Source, from);
            if (step.Instruction.Operation == Operation.Reduce)
                Reduce(in step, from, source, length);
            else
                _device.Copy(At(step.Target, from), source, length * _plan.ElementBytes);
            if (IsLeftQueued(q))
                return true;
        }

        queue.Queued = false;
        Complete(ref queue, s, length);
        return true;
    }

    private void Complete(ref QueueState queue, int s, long length)
    {
        _done[s] += length;
        if (_done[s] == _plan.Steps[s].Length)
            queue.Oldest++;
    }

    /// <summary>Whether every step before that touches the elements [from, to) is done with them.</summary>
    private bool IsReady(in Step step, long from, long to)
    {
        for (int a = step.FirstAwaited; a < step.AwaitedEnd; a++)
        {
            int awaited = _plan.Awaited[a];
            ref readonly Step other = ref _plan.Steps[awaited];
            if (from < other.End && to > other.Start && other.Start + _done[awaited] < Math.Min(to, other.End))
                return false;
        }

        return true;
    }

    private void Reduce(in Step step, long from, byte* right, long length) =>
        _device.Reduce(_plan.Type, _op, At(step.Target, from), At(step.Left, from), right, length);

    /// <summary>Whether the work just given to the device is only queued; then the queue's mark is set behind it.</summary>
    private bool IsLeftQueued(int q)
    {
        if (_marks == null)
            return false;
        _marks.Set(q);
        return _queues[q].Queued = true;
    }

    private bool HasBegun()
    {
        _awaitsBegin = !_marks!.IsReached(_queues.Length);
        return !_awaitsBegin;
    }
}

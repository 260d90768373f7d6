using HpcTrain.Collectives.Execution;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Simulation;

/// <summary>One simulation: events and who is woken by them. What its queues and links do is in the other parts.</summary>
internal sealed partial class SimulationRun
{
    // Idea. Every rank acts as a ScheduleExecutor does. Its queues keep up to a window of segments posted; a segment sets out when its sender has it ready
    // and its receiver has room for it (rendezvous), and both are done with it when its last byte has arrived (the sender, where it is told: when the acknowledgement has) and, where it is
    // reduced, the processor has reduced it. A segment waits, element by element, for what touches the same elements before it. As queues are done in order, two places in each say
    // which elements are done: nothing is kept for a step. A lane with sends to several peers offers what comes first in it first.
    // A queue is looked at only when a queue that its steps wait for, or a message of its own, has got further: it is woken, and woken queues are looked
    // at in turn before time goes on.
    // The processor of a rank does one thing at a time, in the order in which it is asked: the overhead of a message, a reduction.
    private const int Hop = 0, Arrival = 1, Work = 2, KindBits = 2;

    private readonly CompactSchedule _schedule;
    private readonly QueueState[] _queues;
    private readonly StepRun[] _runs;
    private readonly Flow[] _flows;
    private readonly long[] _offsets;
    private readonly SimulationOptions _options;
    private readonly ISimulationTrace? _trace;
    private readonly int _window;
    private readonly long _segmentBytes;
    private readonly long _longest;
    private readonly int _elementBytes;
    private readonly double[] _processorFree;
    private readonly double[] _finished;
    private readonly EventQueue _events = new();
    private readonly Queue<int> _awake = new();
    private double _now;
    private long _eventCount;
    private long _messages;

    public SimulationRun(LinkGraph graph, Schedule schedule, SimulationOptions options)
    {
        _options = options;
        _trace = options.Trace;
        _window = options.SegmentsInFlight;
        _segmentBytes = options.SegmentBytes;
        _elementBytes = options.ElementBytes;
        var partition = new ChunkPartition(schedule.Chunks, options.Bytes / options.ElementBytes, options.ElementBytes);
        _longest = ExecutionPlan.LongestOfUnequal(schedule, partition);
        _offsets = new long[schedule.Chunks.Length + 1];
        for (int c = 0; c < schedule.Chunks.Length; c++)
            _offsets[c + 1] = partition.Start(c) + partition.Length(c);
        Routes routes = options.Routes ?? new Routes(graph);
        _schedule = new(schedule, partition, routes);
        if (options.AcknowledgementBytes != null)
            _schedule.FindWaysBack(routes);
        (_queues, _runs, _flows) = (_schedule.Queues, _schedule.Runs, _schedule.Flows);
        _processorFree = new double[schedule.Ranks];
        _finished = new double[schedule.Ranks];
        _links = Array.ConvertAll([.. graph.Links], link => new LinkState
        {
            SecondsPerByte = 1e-9 / (double)link.Bandwidth,
            Latency = options.LatencySeconds ?? link.LatencySeconds,
        });
    }

    public void Run()
    {
        for (int q = 0; q < _queues.Length; q++)
            Begin(q);
        for (int q = 0; q < _queues.Length; q++)
            Wake(_queues[q].Leader);
        AdvanceAwake();
        while (_events.Count > 0)
        {
            Event next = _events.Take();
            _eventCount++;
            _now = next.Time;
            int what = next.What >> KindBits;
            switch (next.What & ((1 << KindBits) - 1))
            {
                case Hop:
                    Travel(what);
                    break;
                case Arrival:
                    Arrive(what);
                    break;
                default:
                    FinishWork(what);
                    break;
            }

            AdvanceAwake();
        }

        new StallReport(_schedule).ThrowIfStuck();
    }

    public SimulationResult Result(double preparationSeconds, double runSeconds) => new(
        _finished.Max(),
        [.. _links.Select(link => new LinkUse(link.Busy, link.Bytes, link.Messages))],
        [.. _finished],
        _messages,
        _eventCount,
        preparationSeconds,
        runSeconds);

    private void Begin(int q)
    {
        ref QueueState queue = ref _queues[q];
        queue.Posted.Run = queue.FirstRun;
        Load(ref queue.Posted);
        queue.Oldest = queue.Posted;
        if (queue.Leader != q)
        {
            ref QueueState leader = ref _queues[queue.Leader];
            if (leader.Head == QueueState.None)
                leader.Head = queue.Leader;
            Insert(ref leader, q);
        }
    }

    private void Wake(int leader)
    {
        ref QueueState queue = ref _queues[leader];
        if (queue.IsAwake)
            return;
        queue.IsAwake = true;
        _awake.Enqueue(leader);
    }

    private void AdvanceAwake()
    {
        while (_awake.TryDequeue(out int q))
        {
            ref QueueState queue = ref _queues[q];
            queue.IsAwake = false;
            if (queue.Kind == QueueKind.Local)
                WorkLocally(ref queue, q);
            else if (queue.Kind == QueueKind.Receive)
                Receive(ref queue, q);
            else if (queue.Head != QueueState.None)
                SendLane(ref queue);
            else if (queue.InFlight < _window)
                Send(ref queue, stepByStep: false);
        }
    }
}

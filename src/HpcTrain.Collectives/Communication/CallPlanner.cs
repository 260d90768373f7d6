using HpcTrain.Collectives.Execution;
using HpcTrain.Collectives.Levels;
using HpcTrain.Collectives.Node;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <summary>Decides for one rank of a communicator how calls are done, and remembers it.</summary>
internal sealed unsafe class CallPlanner
{
    private const int DefaultSegmentsInFlight = 4;
    private const int SpreadSegmentsInFlight = 6;
    private const int SharedSegmentsInFlight = 4;
    private const int MostRememberedCalls = 4096;

    private readonly Transport _transport;
    private readonly CommunicatorOptions _options;
    private readonly AlgorithmChooser _chooser;
    private readonly AlgorithmChooser _messageChooser;
    private readonly Dictionary<(CollectiveKind, string, int Root), Schedule> _schedules = [];
    private readonly Dictionary<(CollectiveKind, int Root), ScheduleSpec> _specs = [];
    private readonly HashSet<Schedule> _verified = [];
    private readonly Dictionary<CallKey, PlannedCall> _planned = [];
    private readonly Dictionary<(ComputeDevice, CallKey), PlannedCall> _plannedOnDevices = [];
    private PlannedCall? _latestPlan;

    /// <param name="transport">Where the ranks are.</param>
    /// <param name="options">The communicator's.</param>
    /// <param name="sharesMemory">Whether calls may go through the memory of a node, or of each of several.</param>
    /// <param name="model">The costs to compare algorithms by; the same on all ranks.</param>
    public CallPlanner(Transport transport, CommunicatorOptions options, bool sharesMemory, CostModel model)
    {
        _transport = transport;
        _options = options;
        _chooser = new(transport.Size, transport.Nodes, sharesMemory, options.Rules, model, transport.Name);
        _messageChooser = sharesMemory ? new(transport.Size, transport.Nodes, sharesMemory: false, options.Rules, model, transport.Name) : _chooser;
    }

    private int Rank => _transport.Rank;

    private int Size => _transport.Size;

    /// <inheritdoc cref="CollectiveCommunicator.Explain"/>
    public AlgorithmChoice Explain(in CollectiveCall call, CollectiveOptions? options)
    {
        CheckCall(in call);
        return _chooser.Explain(in call, options);
    }

    /// <summary>Why a planned call is done as it is, in the words of <see cref="Explain"/>.</summary>
    public string ReasonOf(PlannedCall plan)
    {
        var call = new CollectiveCall { Collective = plan.Key.Collective, Count = plan.Key.Count, Type = plan.Key.Type, Op = plan.Key.Op, Root = plan.Key.Root };
        return (plan.Shape.Device == null ? _chooser : _messageChooser).Explain(in call, plan.Key.Options).Reason;
    }

    /// <summary>How a call is done whose memory is the host's.</summary>
    public PlannedCall PlanFor(in CollectiveCall call, CollectiveOptions options)
    {
        // Most programs repeat the call before, or a few calls in turn.
        if (call.Source == null || call.Destination == null)
            CheckMemory(in call);
        if (_latestPlan is { } latest && latest.Key.Matches(in call, options))
            return latest;
        CallKey key = CallKey.Of(in call, options);
        if (!_planned.TryGetValue(key, out PlannedCall? plan))
        {
            if (_planned.Count == MostRememberedCalls)
                _planned.Clear();
            _planned.Add(key, plan = Plan(key, in call, options));
        }

        return _latestPlan = plan;
    }

    /// <summary>How a call is done whose addresses are a device's: by messages.</summary>
    public PlannedCall PlanFor(in CollectiveCall call, CollectiveOptions options, ComputeDevice device)
    {
        CheckMemory(in call);
        (ComputeDevice, CallKey) key = (device, CallKey.Of(in call, options));
        if (!_plannedOnDevices.TryGetValue(key, out PlannedCall? plan))
        {
            if (_plannedOnDevices.Count == MostRememberedCalls)
                _plannedOnDevices.Clear();
            plan = Plan(key.Item2, in call, options, device);
            _plannedOnDevices.Add(key, plan);
        }

        return plan;
    }

    /// <summary>Forgets what is remembered of a device.</summary>
    public void Forget(ComputeDevice device)
    {
        foreach ((ComputeDevice, CallKey) key in _plannedOnDevices.Keys.Where(key => key.Item1 == device).ToArray())
            _plannedOnDevices.Remove(key);
    }

    /// <summary>Takes a schedule of the planner's own as right when it is asked for by itself.</summary>
    public void Trust(Schedule schedule) => _verified.Add(schedule);

    /// <summary>
    /// How many messages each channel keeps under way. Over a network fewer to each of several peers, for what is under way meets at theirs: 4 took
    /// halving-doubling over links of 400 Mbit/s to 1.05 times the least possible, where 6 took up to 1.10; a ring wants 6, and takes 1.12 with 4.
    /// </summary>
    public int SegmentsInFlight(Schedule schedule)
    {
        if (_options.SegmentsInFlight > 0)
            return _options.SegmentsInFlight;
        if (_transport.Nodes is not { Nodes: > 1 })
            return DefaultSegmentsInFlight;
        int peers = schedule.Program(Rank).Lanes.SelectMany(lane => lane.Instructions).Where(instruction => instruction.Operation == Operation.Send)
            .Select(instruction => instruction.Peer).Distinct().Count();
        return peers > 1 ? SharedSegmentsInFlight : SpreadSegmentsInFlight;
    }

    private void CheckCall(in CollectiveCall call)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(call.Count);
        if (call.Collective.HasRoot() && (uint)call.Root >= (uint)Size)
            throw new ScheduleException($"Rank {Rank} calls {call.Collective.Name()} with root {call.Root}; ranks are numbered from 0 to {Size - 1}.");
        if (call.Collective.Reduces() && !call.Op.IsDefinedFor(call.Type))
            throw new ScheduleException($"Rank {Rank} calls {call.Collective.Name()} with {call.Op.Name()} of {call.Type.Name()}; band, bor and bxor are for integers.");
    }

    private void CheckMemory(in CollectiveCall call)
    {
        CallRanges ranges = call.Ranges(Rank, Size);
        if (call.Collective != CollectiveKind.Barrier && ((call.Source == null && ranges.Input.Length > 0) || (call.Destination == null && ranges.Output.Length > 0)))
            throw new ScheduleException($"Rank {Rank} calls {call.Collective.Name()} of {call.Count} elements without memory for its contribution or its result.");
    }

    private PlannedCall Plan(CallKey key, in CollectiveCall call, CollectiveOptions options, ComputeDevice? device = null)
    {
        CheckCall(in call);
        if (options.SegmentBytes < 0)
            throw new ScheduleException($"{nameof(CollectiveOptions.SegmentBytes)} is {options.SegmentBytes}; it needs to be at least 1, or 0 for the default.");
        ElementType partialType = AlgorithmChooser.PartialType(in call, options, Size);
        (string? algorithm, Schedule? given, NodePlan? onNode, LevelPlan? levels, long segmentBytes) = options.Schedule == null ? Choice(in call, options, device)
            : (null, options.Schedule, null, null, options.SegmentBytes > 0 ? options.SegmentBytes : _chooser.SegmentBytes);
        Schedule? schedule = onNode != null || levels != null ? null : given != null ? Verified(given, in call) : ScheduleOf(in call, algorithm!);
        return new()
        {
            Key = key,
            Label = schedule != null ? new(schedule.Algorithm, _transport.Name)
                : levels != null ? new(algorithm!, $"node+{_transport.Name}")
                : new(algorithm!, onNode!.Protocol == NodeProtocol.Slots ? "slots" : "buffers"),
            Signature = CallSignature.Of(in call),
            Node = onNode,
            Levels = levels,
            Shape = schedule == null ? levels == null ? OperationShape.OnNode : OperationShape.OnLevels : new(schedule, call.Count, call.Type, partialType, segmentBytes, device),
            Result = new(algorithm ?? "", partialType, levels == null ? 0 : segmentBytes, 0, levels == null ? "node" : $"node+{_transport.Name}"),
        };
    }

    /// <summary>
    /// The algorithm that a call asks for or gets, the schedule if a rule names one, how it is done through memory, if it is, and the longest message. Device memory is not
    /// shared.
    /// </summary>
    private (string Algorithm, Schedule? Given, NodePlan? OnNode, LevelPlan? Levels, long SegmentBytes) Choice(in CollectiveCall call, CollectiveOptions options, ComputeDevice? device)
    {
        AlgorithmDecision decision = (device == null ? _chooser : _messageChooser).Decide(in call, options);
        NodePlan? onNode = decision.Protocol is { } protocol
            ? NodePlan.Of(in call, protocol, decision.Algorithm, _transport.NodeMemory!.Rank, Size) : null;
        LevelPlan? levels = decision.RailAlgorithm is { } onRail
            ? LevelPlan.Of(in call, _transport.Nodes!, Rank, new() { Algorithm = onRail, SegmentBytes = decision.SegmentBytes }) : null;
        if (decision.Schedule is { } given)
            Trust(given);
        return (decision.Algorithm, decision.Schedule, onNode, levels, decision.SegmentBytes);
    }

    private Schedule ScheduleOf(in CollectiveCall call, string name)
    {
        int root = call.Collective.HasRoot() ? call.Root : 0;
        if (!_schedules.TryGetValue((call.Collective, name, root), out Schedule? schedule))
            _schedules.Add((call.Collective, name, root), schedule = AlgorithmCatalog.Create(name, SpecOf(call.Collective, root)));
        return schedule;
    }

    private ScheduleSpec SpecOf(CollectiveKind collective, int root)
    {
        root = collective.HasRoot() ? root : 0;
        if (!_specs.TryGetValue((collective, root), out ScheduleSpec? spec))
            _specs.Add((collective, root), spec = new(collective, Size) { Root = root, Nodes = _transport.Nodes });
        return spec;
    }

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
}

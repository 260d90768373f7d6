using HpcTrain.Collectives.Execution;
using HpcTrain.Collectives.Node;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Levels;

/// <summary>A collective over several nodes, level by level: see <see cref="LevelPlan"/>. Any call can be made with any of these.</summary>
internal sealed unsafe class LevelOperation : CollectiveOperation
{
    private const int MostRailCalls = 2;

    private readonly LevelEngine _engine;
    private readonly NodeRun _first;
    private readonly NodeRun _last;
    private readonly CollectiveRequest[] _requests = new CollectiveRequest[MostRailCalls];
    private readonly string _slots, _buffers, _staged;
    private LevelPlan? _plan;
    private CollectiveCall _call;
    private CollectiveResult _result;
    private NativeBlock? _scratch;
    private long _number;
    private long _sentBytes;
    private string _path = "";
    private int _stage;
    private int _next;
    private int _waited;
    private int _railCalls;
    private bool _hasBegunStage;
    private bool _isOnNode;

    public LevelOperation(LevelEngine engine)
        : base(OperationShape.OnLevels)
    {
        _engine = engine;
        _first = engine.NodeOf(0).MakeRun();
        _last = engine.NodeOf(LevelPlan.Stages - 1).MakeRun();
        (_slots, _buffers, _staged) = ($"slots+{engine.MessagePath}", $"buffers+{engine.MessagePath}", $"staged+{engine.MessagePath}");
    }

    public override CollectiveResult Result => IsUnderWay || _path.Length == 0 ? _result : _result with { SentBytes = _sentBytes, Path = _path };

    protected override IReadOnlyList<string> WaitsNow => _isOnNode
        ? [$"node {_engine.Nodes.NodeOf(_engine.Rank)}, {Numbering(_engine.Nodes.Members[_engine.Nodes.NodeOf(_engine.Rank)])}: {RunOf(_stage).Wait}"]
        : [.. _engine.Rail.AllWaits.Select(wait => $"rail {_engine.Nodes.LocalRankOf(_engine.Rank)}, {Numbering(_engine.RailRanks)}: {wait}")];

    /// <summary>Says how the next call is to be done, and what it will report.</summary>
    public void Prepare(LevelPlan plan, CollectiveResult result)
    {
        _plan = plan;
        _result = result;
        _path = "";
        _sentBytes = 0;
    }

    public override void Dispose()
    {
        _first.Dispose();
        _last.Dispose();
        _scratch?.Dispose();
    }

    protected override void Begin(in CollectiveCall call, int tagBase)
    {
        _call = call;
        if (_scratch == null || _scratch.Bytes < _plan!.ScratchBytes)
        {
            _scratch?.Dispose();
            _scratch = _plan!.ScratchBytes > 0 ? new(_plan.ScratchBytes) : null;
        }

        _number = _engine.Enter();
        (_stage, _next, _waited, _railCalls, _hasBegunStage, _isOnNode) = (0, 0, 0, 0, false, false);
        Advance();
    }

    protected override bool Advance()
    {
        bool moved = _engine.Rail.Progress();
        while (IsUnderWay && Move())
            moved = true;
        return moved | !IsUnderWay;
    }

    protected override ScheduleException GiveUp(TimeSpan timeout)
    {
        var error = new ScheduleException(
            $"Rank {_engine.Rank} made no progress for {timeout.TotalSeconds:0.###} s in {CallSignature.Describe(_plan!.Signature)}: {string.Join("; ", WaitsNow)}. "
            + $"Check that these ranks are alive and call the same collectives in the same order; a longer wait is set by {CommunicatorOptions.StallTimeoutVariable}.",
            _engine.Rank, null, null)
        { IsStall = true };
        Withdraw();
        return error;
    }

    protected override void Withdraw() => _engine.Rail.Abandon();

    private static string Numbering(IEnumerable<int> ranks) => $"numbering ranks {string.Join(", ", ranks)} from 0";

    /// <summary>Does one thing, if one can be done.</summary>
    private bool Move()
    {
        if (_isOnNode)
            return MoveOnNode();
        LevelStep[] steps = _plan!.Steps;
        if (!_hasBegunStage)
        {
            if (!_engine.MayBegin(_stage, _number))
                return false;
            if (_next < steps.Length && steps[_next].Stage == _stage)
            {
                BeginStep(steps[_next++]);
                return true;
            }

            _engine.HasBegun(_stage, _number);
            _hasBegunStage = true;
        }

        for (; _waited < _next; _waited++)
        {
            if (steps[_waited].Node == null && !EndRailStep(steps[_waited]))
                return false;
        }

        _stage++;
        (_hasBegunStage, _railCalls) = (false, 0);
        if (_stage == LevelPlan.Stages)
            Complete();
        return true;
    }

    private bool MoveOnNode()
    {
        NodeRun run = RunOf(_stage);
        bool moved = _engine.NodeOf(_stage).Step(run);
        if (!run.IsDone)
            return moved;
        _isOnNode = false;
        Travelled(run.Path);
        return true;
    }

    /// <summary>Keeps the way of the longest step.</summary>
    private void Travelled(string path)
    {
        if (path == "staged" || (path == "buffers" && _path != _staged))
            _path = path == "staged" ? _staged : _buffers;
        else if (_path.Length == 0)
            _path = _slots;
    }

    private void BeginStep(LevelStep step)
    {
        CollectiveCall call = step.Call with { Source = At(step.Source), Destination = At(step.Destination) };
        if (step.IsFirst && _call.Premultiplies)
            call = call with { Op = ReduceOp.PreMulSum, Factor = _call.Factor };
        if (step.CopiedFirst is { Bytes: > 0 } copied)
            HostKernels.Copy((byte*)call.Source, _scratch!.Pointer + copied.From, (nint)copied.Bytes);
        if (step.Node is { } node)
        {
            _engine.NodeOf(_stage).Begin(RunOf(_stage), in call, node);
            _isOnNode = true;
            return;
        }

        CollectiveRequest request = _engine.Rail.Start(in call, _plan!.RailOptions);
        _sentBytes += request.Result.SentBytes;
        _requests[_railCalls++] = request;
    }

    private bool EndRailStep(LevelStep step)
    {
        // Calls on the rail are the last steps of their stage, in the order of the requests.
        if (!_requests[_railCalls - (_next - _waited)].IsDone)
            return false;
        if (step.Averaged > 0)
            HostKernels.FinishAverage(step.Call.Type, At(step.Destination), (nint)step.Averaged, _engine.Nodes.Ranks);
        return true;
    }

    private NodeRun RunOf(int stage) => stage == 0 ? _first : _last;

    private byte* At(LevelPlace place) => place.Area switch
    {
        LevelArea.Source => (byte*)_call.Source + place.Offset,
        LevelArea.Destination => (byte*)_call.Destination + place.Offset,
        LevelArea.Scratch => _scratch == null ? null : _scratch.Pointer + place.Offset,
        _ => null,
    };
}

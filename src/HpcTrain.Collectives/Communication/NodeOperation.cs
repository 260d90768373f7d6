using HpcTrain.Collectives.Node;

namespace HpcTrain.Collectives;

/// <summary>A collective among the ranks of one node, run by the node's engine in its turn. Any call can be made with any of these.</summary>
internal sealed class NodeOperation(NodeEngine engine) : CollectiveOperation(OperationShape.OnNode)
{
    private readonly NodeRun _run = engine.MakeRun();
    private NodePlan? _plan;
    private CollectiveResult _result;

    public override CollectiveResult Result => _run.IsDone && _run.Path.Length > 0 ? _result with { Path = _run.Path } : _result;

    /// <summary>Says how the next call is to be done, and what it will report.</summary>
    public void Prepare(NodePlan plan, CollectiveResult result)
    {
        _plan = plan;
        _result = result;
    }

    protected override IReadOnlyList<string> WaitsNow => [_run.Wait];

    protected override bool Advance()
    {
        bool moved = engine.Step(_run);
        if (_run.IsDone)
            Complete();
        return moved;
    }

    public override void Dispose() => _run.Dispose();

    protected override void Begin(in CollectiveCall call, int tagBase)
    {
        engine.Begin(_run, in call, _plan!);
        Advance();
    }

    protected override ScheduleException GiveUp(TimeSpan timeout) => _run.Stalled(timeout);

    protected override void Withdraw()
    {
    }
}

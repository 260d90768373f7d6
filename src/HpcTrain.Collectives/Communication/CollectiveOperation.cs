using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <summary>The shape of a collective: operations of one shape share their plan and their memory, one run after the other.</summary>
/// <param name="Schedule">What the executor runs; null for operations of a node's engine, which do without a plan.</param>
/// <param name="Count">The count of the call.</param>
/// <param name="Type">The element type.</param>
/// <param name="PartialType">The type in which partial results travel.</param>
/// <param name="SegmentBytes">The longest message.</param>
/// <param name="Device">Where the elements lie; null for the host.</param>
internal readonly record struct OperationShape(
    Schedule? Schedule, long Count, ElementType Type, ElementType PartialType, long SegmentBytes, ComputeDevice? Device = null)
{
    /// <summary>The shape of all operations of a node's engine.</summary>
    public static OperationShape OnNode => default;

    /// <summary>The shape of all operations that go level by level.</summary>
    public static OperationShape OnLevels => new() { SegmentBytes = -1 };
}

/// <summary>A collective that can be run again and again, one run at a time.</summary>
internal abstract class CollectiveOperation(OperationShape shape) : IDisposable
{
    private CollectiveCall _call;
    private int _tagBase;
    private CallCheck? _check;

    public OperationShape Shape => shape;

    /// <summary>What it reports.</summary>
    public abstract CollectiveResult Result { get; }

    /// <summary>Which run this is. It changes at the moment a run completes.</summary>
    public long Run { get; private set; }

    /// <summary>The number of the current or last run among all operations of the communicator.</summary>
    public long Sequence { get; private set; }

    /// <summary>The number of the current or last run in the communicator's recorder.</summary>
    public long Number { get; private set; }

    public bool IsUnderWay { get; private set; }

    /// <summary>The beginning of the current run, where somebody observes.</summary>
    public ObservedRun Observed { get; set; }

    /// <summary>For whom the run waits.</summary>
    public IReadOnlyList<string> Waits => _check == null ? WaitsNow : [_check.Wait];

    protected abstract IReadOnlyList<string> WaitsNow { get; }

    /// <param name="call">What to do.</param>
    /// <param name="sequence">The run's number among all operations of the communicator.</param>
    /// <param name="tagBase">The first tag of its own.</param>
    /// <param name="number">Its number in the recorder.</param>
    /// <param name="check">What has to be passed before it begins; null: nothing.</param>
    public void Start(in CollectiveCall call, long sequence, int tagBase, long number, CallCheck? check)
    {
        (Sequence, Number, IsUnderWay) = (sequence, number, true);
        if (check == null)
        {
            Begin(in call, tagBase);
            return;
        }

        (_call, _tagBase, _check) = (call, tagBase, check);
        Progress();
    }

    /// <summary>Moves on what can move, without waiting.</summary>
    /// <returns>Whether anything moved.</returns>
    public bool Progress()
    {
        if (_check == null)
            return Advance();
        if (!_check.HasPassed())
            return false;
        _check = null;
        Begin(in _call, _tagBase);
        return true;
    }

    /// <summary>Gives the run up, and says what it was waiting for.</summary>
    public ScheduleException Stalled(TimeSpan timeout)
    {
        IsUnderWay = false;
        if (_check == null)
            return GiveUp(timeout);
        ScheduleException error = _check.Stalled(timeout);
        DropCheck();
        return error;
    }

    /// <summary>Gives the run up in silence.</summary>
    public void Abandon()
    {
        IsUnderWay = false;
        if (_check == null)
            Withdraw();
        else
            DropCheck();
    }

    public abstract void Dispose();

    /// <summary>Moves a run on that has begun.</summary>
    protected abstract bool Advance();

    protected abstract void Begin(in CollectiveCall call, int tagBase);

    protected abstract ScheduleException GiveUp(TimeSpan timeout);

    protected abstract void Withdraw();

    protected void Complete()
    {
        IsUnderWay = false;
        Run++;
    }

    private void DropCheck()
    {
        _check!.Dispose();
        _check = null;
    }
}

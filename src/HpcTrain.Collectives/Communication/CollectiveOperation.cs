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
}

/// <summary>A collective that can be run again and again, one run at a time.</summary>
internal abstract class CollectiveOperation(OperationShape shape) : IDisposable
{
    public OperationShape Shape => shape;

    /// <summary>What it reports.</summary>
    public abstract CollectiveResult Result { get; }

    /// <summary>Which run this is. It changes at the moment a run completes.</summary>
    public long Run { get; private set; }

    /// <summary>The number of the current or last run among all operations of the communicator.</summary>
    public long Sequence { get; private set; }

    public bool IsUnderWay { get; private set; }

    public void Start(in CollectiveCall call, long sequence, int tagBase)
    {
        Sequence = sequence;
        IsUnderWay = true;
        Begin(in call, tagBase);
    }

    /// <summary>Moves on what can move, without waiting.</summary>
    /// <returns>Whether anything moved.</returns>
    public abstract bool Progress();

    /// <summary>Gives the run up, and says what it was waiting for.</summary>
    public ScheduleException Stalled(TimeSpan timeout)
    {
        IsUnderWay = false;
        return GiveUp(timeout);
    }

    /// <summary>Gives the run up in silence.</summary>
    public void Abandon()
    {
        IsUnderWay = false;
        Withdraw();
    }

    public abstract void Dispose();

    protected abstract void Begin(in CollectiveCall call, int tagBase);

    protected abstract ScheduleException GiveUp(TimeSpan timeout);

    protected abstract void Withdraw();

    protected void Complete()
    {
        IsUnderWay = false;
        Run++;
    }
}

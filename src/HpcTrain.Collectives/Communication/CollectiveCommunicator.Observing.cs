using System.Diagnostics;
using HpcTrain.Collectives.Diagnostics;

namespace HpcTrain.Collectives;

/// <content>Telling of calls that are complete.</content>
public sealed partial class CollectiveCommunicator
{
    private readonly List<bool> _observedSlots = [];

    /// <summary>
    /// Is told of each call that begins from now on, once it is complete; null, the default, for nobody, which costs nothing. What fails is not told. Apart from
    /// the first call of a shape, whose reason is put into words, telling allocates nothing.
    /// </summary>
    public CollectiveObserver? Observer { get; set; }

    /// <summary>Notes when a run begins, and the lowest slot that is free.</summary>
    private void Observe(CollectiveOperation operation, PlannedCall plan)
    {
        if (Observer == null)
            return;
        int slot = _observedSlots.IndexOf(false);
        if (slot < 0)
        {
            slot = _observedSlots.Count;
            _observedSlots.Add(false);
        }

        _observedSlots[slot] = true;
        operation.Observed = new(plan, slot, Stopwatch.GetTimestamp());
    }

    /// <summary>Tells of a run that is complete, if its beginning was noted.</summary>
    private void Tell(CollectiveOperation operation)
    {
        if (operation.Observed is not { Plan: { } plan } observed)
            return;
        operation.Observed = default;
        _observedSlots[observed.Slot] = false;
        Tell(plan, operation.Number, observed.Slot, observed.Started, operation.Result.Path);
    }

    private void Tell(PlannedCall plan, long number, int slot, long started, string path)
    {
        long ended = Stopwatch.GetTimestamp();
        CallKey key = plan.Key;
        Observer?.Invoke(new(number, slot, key.Collective, key.Type, key.Collective.Reduces() ? key.Op : null, key.Collective.HasRoot() ? key.Root : null, key.Count,
            plan.Shape.Schedule?.Algorithm ?? plan.Result.Algorithm, path, Math.Max(0, plan.Shape.SegmentBytes), plan.Reason ??= _planner.ReasonOf(plan), started, ended));
    }
}

/// <summary>The beginning of a run that is observed.</summary>
/// <param name="Plan">How it is done; null where nobody observes.</param>
/// <param name="Slot">Its slot, see <see cref="CollectiveRecord.Slot"/>.</param>
/// <param name="Started">When it began, in ticks of <see cref="Stopwatch"/>.</param>
internal readonly record struct ObservedRun(PlannedCall? Plan, int Slot, long Started);

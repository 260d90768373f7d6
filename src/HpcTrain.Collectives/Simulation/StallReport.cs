using HpcTrain.Collectives.Execution;

namespace HpcTrain.Collectives.Simulation;

/// <summary>Explains why queues stand still when nothing happens any more.</summary>
internal sealed class StallReport(CompactSchedule schedule)
{
    /// <exception cref="ScheduleException">A queue is not done.</exception>
    public void ThrowIfStuck()
    {
        int first = Array.FindIndex(schedule.Queues, queue => !queue.IsDone);
        if (first < 0)
            return;
        var path = new List<int>();
        int q = first;
        while (q >= 0 && !path.Contains(q))
        {
            path.Add(q);
            q = AwaitedBy(q);
        }

        if (q >= 0)
            path = [.. path[path.IndexOf(q)..], q];
        IEnumerable<string> others = path.Skip(1).Select(other => schedule.Describe(other, schedule.Queues[other].Oldest.Position));
        throw schedule.FaultAt(
            path[0], schedule.Queues[path[0]].Oldest.Position,
            path.Count == 1 ? "waits for ever" : $"is in a deadlock: it waits for {string.Join(", which waits for ", others)}");
    }

    /// <summary>The queue that a queue's oldest segment waits for, or -1.</summary>
    private int AwaitedBy(int q)
    {
        ref QueueState queue = ref schedule.Queues[q];
        if (queue.InFlight > 0 && queue.Arrived == 0)
        {
            Flow flow = schedule.Flows[queue.Flow];
            return queue.Kind == QueueKind.Send ? flow.ReceiveQueue : flow.SendQueue;
        }

        ref StepRun run = ref schedule.Runs[queue.Oldest.Run];
        foreach (AwaitedStep awaited in schedule.Awaited.AsSpan(run.FirstAwaited..run.AwaitedEnd))
        {
            ref QueueState other = ref schedule.Queues[awaited.Queue];
            if (!other.IsDone && other.Oldest.Position <= queue.Oldest.Position + awaited.Ahead)
                return awaited.Queue;
        }

        return queue.Leader != q || queue.Head != QueueState.None ? schedule.Queues[queue.Leader].Head : -1;
    }
}

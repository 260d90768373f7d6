using System.Collections.Immutable;

namespace HpcTrain.Pipelines.Building;

/// <summary>Makes schedules of orders of computations: adds the messages, the reductions and the step.</summary>
internal static class ScheduleAssembly
{
    // Idea. The computations are timed with messages that take no time. A message then belongs to the moment t at which its sender has computed what it carries. On
    // both ranks it stands in the list behind the computations that begin before t and before those that begin at t or later. So all actions of all
    // ranks are in order of one clock, and what an action waits for is never later by that clock: there is no cycle of waits, whichever generator made the orders, and
    // also where a send ends only when its receive is reached. (The checker proves it again, for schedules of any origin.)
    // Messages of a rank that stand together are an exchange; receives come before sends in it, since posting them first costs nothing.
    // Price: a receive stands where its message is sent, not where it is needed, so what arrives early waits in a buffer. The other way, late receives, keeps it
    // in the sender's memory instead, and deadlocks in some orders.

    /// <summary>Makes the schedule.</summary>
    /// <param name="name">The generator's name.</param>
    /// <param name="purpose">What it achieves: training ends with reductions and a step.</param>
    /// <param name="spec">What was asked for; chunks are placed in a loop.</param>
    /// <param name="order">Gives the computations of a rank, in their order.</param>
    public static PipelineSchedule Create(string name, PipelinePurpose purpose, PipelineSpec spec, Func<int, IEnumerable<PipelineAction>> order)
    {
        ImmutableArray<int> placement = PipelineSchedule.Loop(spec.Stages, spec.ChunksPerRank);
        ImmutableArray<ImmutableArray<PipelineAction>> orders = [.. Enumerable.Range(0, spec.Stages).Select(rank => order(rank).ToImmutableArray())];
        long[][] ends = SlotTiming.Run(orders, spec.Chunks, spec.MicroBatches);

        var entries = new List<Entry>[spec.Stages];
        for (int rank = 0; rank < spec.Stages; rank++)
            entries[rank] = new(orders[rank].Length * 3);
        for (int rank = 0; rank < spec.Stages; rank++)
        {
            for (int at = 0; at < orders[rank].Length; at++)
            {
                PipelineAction action = orders[rank][at];
                long end = ends[rank][at];
                entries[rank].Add(new(end - SlotTiming.Slots(action.Kind), Turn.Computation, action));
                if (MessageOf(action, placement) is not { } send)
                    continue;
                PipelineAction receive = PipelineSchedule.OtherEnd(send);
                entries[rank].Add(new(end, Turn.Send, send));
                entries[placement[receive.Chunk]].Add(new(end, Turn.Receive, receive));
            }
        }

        return new(name, purpose, spec.MicroBatches, placement, [.. entries.Select(list => Program(list, purpose))]);
    }

    /// <summary>What a computation sends to another rank, if anything.</summary>
    private static PipelineAction? MessageOf(PipelineAction computation, ImmutableArray<int> placement)
    {
        bool forward = computation.Kind == ActionKind.Forward;
        int peer = forward ? computation.Chunk + 1 : computation.Chunk - 1;
        if (computation.Kind == ActionKind.BackwardWeight || (uint)peer >= (uint)placement.Length || placement[peer] == placement[computation.Chunk])
            return null;
        return computation with { Kind = forward ? ActionKind.SendActivation : ActionKind.SendGradient };
    }

    private static ImmutableArray<PipelineAction> Program(List<Entry> entries, PipelinePurpose purpose)
    {
        // A reduction starts when its chunk's last gradient is added, behind the message for which others wait.
        foreach (Entry last in entries.Where(entry => entry.Action.Kind.FreesActivations()).GroupBy(entry => entry.Action.Chunk).Select(chunk => chunk.Max()).ToArray())
            entries.Add(new(last.At + SlotTiming.Slots(last.Action.Kind), Turn.Reduction, PipelineAction.Reduce(last.Action.Chunk)));
        entries.Sort();
        IEnumerable<PipelineAction> actions = entries.Select(entry => entry.Action);
        return [.. purpose == PipelinePurpose.Training ? actions.Append(PipelineAction.Step) : actions];
    }

    private enum Turn : byte
    {
        Receive,
        Send,
        Reduction,
        Computation,
    }

    private readonly record struct Entry(long At, Turn Turn, PipelineAction Action) : IComparable<Entry>
    {
        public int CompareTo(Entry other) => At != other.At ? At.CompareTo(other.At) : Turn != other.Turn ? Turn.CompareTo(other.Turn) : Number.CompareTo(other.Number);

        // Messages of a moment in an order that both ends agree on; a rank has one computation at a time.
        private long Number => ((long)Action.Kind << 48) + ((long)Action.Chunk << 24) + Action.MicroBatch;
    }
}

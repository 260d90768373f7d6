using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <content>What happens when a run does not come to its end.</content>
public sealed unsafe partial class ScheduleExecutor
{
    /// <summary>The error that says for whom the run waits; the run is given up.</summary>
    internal ScheduleException Stalled(TimeSpan timeout)
    {
        string waits = string.Join("; ", Waits(out InstructionId? first));
        Abandon();
        return new(
            $"Rank {_plan.Rank} made no progress for {timeout.TotalSeconds:0.###} s in {Schedule.Collective.Name()} '{Schedule.Algorithm}' of "
            + $"{_plan.Count} {_plan.Type.Name()}: {waits}. Check that this rank is alive and calls the same collectives in the same order; "
            + $"a longer wait is set by {CommunicatorOptions.StallTimeoutVariable}.",
            _plan.Rank, first?.Lane, first?.Instruction)
        { IsStall = true };
    }

    /// <summary>Which instruction of which lane waits for which rank.</summary>
    internal List<string> Waits(out InstructionId? first)
    {
        var waits = new List<string>();
        first = null;
        for (int a = 0; a < _activeCount; a++)
        {
            ref QueueState queue = ref _queues[_active[a]];
            if (queue.InFlight == 0 || queue.Arrived || queue.Queued)
                continue;
            Step step = _plan.Steps[_plan.QueuedSteps[queue.Oldest]];
            first ??= step.Id;
            waits.Add($"lane {step.Id.Lane}, instruction {step.Id.Instruction} ({step.Instruction}) waits for rank {step.Instruction.Peer}");
        }

        if (waits.Count == 0 && _marks != null)
            waits.Add("the device has not come to the end of its queue");
        return waits;
    }

    /// <summary>Gives up the run: withdraws all messages, and keeps the memory of those that cannot be withdrawn from being used again.</summary>
    internal void Abandon()
    {
        bool memoryIsFree = true;
        for (int a = 0; a < _activeCount; a++)
        {
            int q = _active[a];
            ref QueueState queue = ref _queues[q];
            for (int i = queue.Arrived || queue.Queued ? 1 : 0; i < queue.InFlight; i++)
                memoryIsFree &= _transport.Cancel(_tickets[Slot(q, queue.Head + i)]);
        }

        _activeCount = 0;
        if (!memoryIsFree)
            _memory.Abandon();
    }
}

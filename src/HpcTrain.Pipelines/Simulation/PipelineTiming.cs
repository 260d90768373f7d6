using System.Collections.Immutable;

namespace HpcTrain.Pipelines;

/// <summary>A computation, reduction or step in time.</summary>
/// <param name="Action">What it is.</param>
/// <param name="Start">When it begins, in seconds.</param>
/// <param name="End">When it ends, in seconds.</param>
public readonly record struct ActionSpan(PipelineAction Action, double Start, double End);

/// <summary>A message in time.</summary>
/// <param name="Send">Its sending end.</param>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver.</param>
/// <param name="Ready">When the sender came to it, in seconds.</param>
/// <param name="Start">When the link was free for it, in seconds.</param>
/// <param name="End">When it has arrived, in seconds.</param>
public readonly record struct MessageSpan(PipelineAction Send, int From, int To, double Ready, double Start, double End);

/// <summary>When everything in a schedule happens, at given costs.</summary>
public sealed class PipelineTiming
{
    internal PipelineTiming(
        PipelineSchedule schedule, PipelineCosts costs, ImmutableArray<ImmutableArray<ActionSpan>> spans, ImmutableArray<MessageSpan> messages)
    {
        (Schedule, Costs, Spans, Messages) = (schedule, costs, spans, messages);
        Seconds = spans.Max(list => list.Max(span => span.End));
        BusySeconds = [.. spans.Select(list => list.Where(span => span.Action.Kind != ActionKind.ReduceGradients).Sum(span => span.End - span.Start))];
    }

    /// <summary>The schedule.</summary>
    public PipelineSchedule Schedule { get; }

    /// <summary>The costs.</summary>
    public PipelineCosts Costs { get; }

    /// <summary>From the beginning to the end of the last rank.</summary>
    public double Seconds { get; }

    /// <summary>For each rank its computations, reductions (beside them) and step, in the order of its list.</summary>
    public ImmutableArray<ImmutableArray<ActionSpan>> Spans { get; }

    /// <summary>All messages, in the order of the senders' lists.</summary>
    public ImmutableArray<MessageSpan> Messages { get; }

    /// <summary>How long each rank computes, the step included.</summary>
    public ImmutableArray<double> BusySeconds { get; }

    /// <summary>The share of all ranks' time in which they wait.</summary>
    public double Bubble => Seconds == 0 ? 0 : 1 - (BusySeconds.Sum() / (Seconds * Schedule.Stages));

    /// <summary>The share of a rank's time in which it waits.</summary>
    public double BubbleOf(int rank) => Seconds == 0 ? 0 : 1 - (BusySeconds[rank] / Seconds);

    /// <summary>The most that a rank has of activations, in bytes: what forwards keep, and what a backward has beside.</summary>
    public long PeakBytes(int rank)
    {
        long held = 0, peak = 0;
        foreach (PipelineAction action in Schedule.Programs[rank].Where(action => action.Kind.IsComputation()))
        {
            ChunkCost chunk = Costs.Chunks[action.Chunk];
            held += action.Kind switch
            {
                ActionKind.Forward => chunk.ActivationBytes,
                ActionKind.Backward or ActionKind.BackwardInput => chunk.BackwardBytes,
                _ => 0,
            };
            peak = Math.Max(peak, held);
            if (action.Kind.FreesActivations())
                held -= chunk.ActivationBytes + chunk.BackwardBytes;
            else if (Schedule.Purpose == PipelinePurpose.Evaluation)
                held -= chunk.ActivationBytes;
        }

        return peak;
    }
}

using System.Collections.Immutable;

namespace HpcTrain.Pipelines;

/// <summary>What ranks keep between forwards and backwards, counted along their programs.</summary>
/// <remarks>
/// A forward keeps its chunk's activations of the micro-batch; the whole backward, or the second half of a split one, frees them. What a rank keeps depends on the order of its own list alone, so it
/// is the same in every execution. Message buffers come on top: see <see cref="MessageBuffers"/>.
/// </remarks>
public static class ActivationMemory
{
    /// <summary>The peak of a rank when each chunk weighs as much as given.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="weights">What a micro-batch of each chunk weighs, in any unit.</param>
    /// <returns>The peak, and the first action at which it is reached.</returns>
    public static (long Peak, int Action) Peak(PipelineSchedule schedule, int rank, ImmutableArray<long> weights)
    {
        long kept = 0, peak = 0;
        int at = 0;
        ImmutableArray<PipelineAction> program = schedule.Programs[rank];
        for (int action = 0; action < program.Length; action++)
        {
            if (program[action].Kind == ActionKind.Forward)
                kept += weights[program[action].Chunk];
            if (kept > peak)
                (peak, at) = (kept, action);
            if (Frees(schedule, program[action]))
                kept -= weights[program[action].Chunk];
        }

        return (peak, at);
    }

    /// <summary>The peak of a rank in activations of chunks: micro-batches times chunks that are kept at a time.</summary>
    public static int PeakCount(PipelineSchedule schedule, int rank) => (int)Peak(schedule, rank, One(schedule)).Peak;

    /// <summary>The peak of a rank in micro-batches: <see cref="PeakCount"/> over the number of its chunks.</summary>
    public static double PeakMicroBatches(PipelineSchedule schedule, int rank) => (double)PeakCount(schedule, rank) / schedule.ChunksOf[rank].Length;

    /// <summary>
    /// The combinations that matter for a peak: for each chunk of the rank how many micro-batches are kept, at every moment that is not less in all chunks than
    /// another. The peak for any weights is reached at one of them.
    /// </summary>
    public static IReadOnlyList<ImmutableArray<int>> Peaks(PipelineSchedule schedule, int rank)
    {
        ImmutableArray<int> chunks = schedule.ChunksOf[rank];
        var peaks = new List<ImmutableArray<int>>();
        var kept = new int[chunks.Length];
        foreach (PipelineAction action in schedule.Programs[rank])
        {
            if (action.Kind == ActionKind.Forward)
            {
                kept[chunks.IndexOf(action.Chunk)]++;
                if (!peaks.Exists(peak => peak.Zip(kept).All(pair => pair.First >= pair.Second)))
                {
                    peaks.RemoveAll(peak => peak.Zip(kept).All(pair => pair.First <= pair.Second));
                    peaks.Add([.. kept]);
                }
            }

            if (Frees(schedule, action))
                kept[chunks.IndexOf(action.Chunk)]--;
        }

        return peaks;
    }

    internal static ImmutableArray<long> One(PipelineSchedule schedule) => [.. Enumerable.Repeat(1L, schedule.Chunks)];

    private static bool Frees(PipelineSchedule schedule, PipelineAction action) =>
        schedule.Purpose == PipelinePurpose.Evaluation ? action.Kind == ActionKind.Forward : action.Kind.FreesActivations();
}

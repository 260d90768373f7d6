using HpcTrain.Pipelines.Checking;

namespace HpcTrain.Pipelines;

/// <summary>Proves that a pipeline schedule does what it says, by running it symbolically.</summary>
/// <remarks>
/// <para>What is proved:</para>
/// <list type="bullet">
/// <item>Complete: each micro-batch goes once through each chunk forward and, in training, once backward, whole or as input gradient and then weight gradient; each after what it needs.
/// Everything that another rank needs is sent to it, once, after it has been computed.</item>
/// <item>A chunk's gradients are reduced once, after the last of them; the step comes once, at the end.</item>
/// <item>Channels: the k-th send of a channel meets the k-th receive, and both name the same micro-batch.</item>
/// <item>No deadlock, without relying on any buffering: a message passes only when both ranks have come to it, and a rank passes an exchange only when all its messages have.
/// With several replicas of the pipeline this holds as well: they run the same lists, so that their reductions come in the same order.</item>
/// <item>Memory: no rank keeps more than the limit, where one is given.</item>
/// </list>
/// </remarks>
public static class PipelineChecker
{
    /// <summary>Checks a schedule.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="limit">What ranks may keep; null: no limit.</param>
    /// <returns>Its counts.</returns>
    /// <exception cref="PipelineException">The first fault found, with rank and action.</exception>
    public static PipelineReport Check(PipelineSchedule schedule, ActivationLimit? limit = null)
    {
        // Before anything of that size is allocated: a file may name any number of micro-batches.
        long actions = schedule.Programs.Sum(program => (long)program.Length), needed = (long)schedule.Chunks * schedule.MicroBatches;
        if (actions < needed)
        {
            throw new PipelineException(
                $"Schedule '{schedule.Name}' has {actions} actions, too few for {PipelineSpec.Count(schedule.MicroBatches, "micro-batch")} through {PipelineSpec.Count(schedule.Chunks, "chunk")}.");
        }

        for (int rank = 0; rank < schedule.Stages; rank++)
            CompletenessCheck.Run(schedule, rank);
        ChannelCheck.Run(schedule);
        RendezvousRun.Run(schedule);
        limit?.Check(schedule);
        return new(
            schedule.Programs.Sum(program => program.Length), schedule.Programs.Sum(program => program.Count(action => action.Kind.IsSend())),
            [.. Enumerable.Range(0, schedule.Stages).Select(rank => ActivationMemory.PeakCount(schedule, rank))], MessageBuffers.Of(schedule));
    }
}

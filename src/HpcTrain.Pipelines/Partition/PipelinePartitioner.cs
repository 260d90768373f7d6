using HpcTrain.Pipelines.Partition;

namespace HpcTrain.Pipelines;

/// <summary>Cuts models into chunks: contiguous, and so that the slowest rank is as fast as can be within a memory limit.</summary>
public static class PipelinePartitioner
{
    /// <summary>Finds the best partition.</summary>
    /// <remarks>
    /// A rank's time is that of the forwards and backwards of its chunks. Its memory is that of its parameters in all copies and of the activations that the schedule has it keep at
    /// a time. With one chunk per rank the best is always found; with several the search may be given up, see <see cref="PipelinePartition.IsProved"/>.
    /// </remarks>
    /// <exception cref="PipelineException">There are more chunks than layers, or no partition is within the limit: the message says the smallest limit that one meets.</exception>
    public static PipelinePartition Plan(PartitionRequest request)
    {
        PipelineSchedule schedule = request.Schedule;
        int layers = request.Profile.Layers.Length;
        if (layers < schedule.Chunks)
        {
            string chunks = schedule.Chunks == schedule.Stages ? "" : $" of {schedule.Chunks / schedule.Stages} chunks each";
            throw new PipelineException($"{PipelineSpec.Count(schedule.Stages, "stage")}{chunks} are more than the model has layers, which is {layers}; take fewer.");
        }

        var problem = new PartitionProblem(request);
        PartitionResult found = PartitionSearch.Run(problem, PartitionGoal.Seconds, request.MemoryLimit ?? double.PositiveInfinity);
        if (found.Cuts.IsDefault)
        {
            PartitionResult least = PartitionSearch.Run(problem, PartitionGoal.Bytes, double.PositiveInfinity);
            throw new PipelineException($"No partition {(found.IsProved ? "is" : "was found that is")} within {request.MemoryLimit} bytes per rank; "
                + $"the smallest limit that {(least.IsProved ? "one meets" : "is known to be met")} is {(long)least.Value} bytes.");
        }

        double bound = found.IsProved ? found.Value : Math.Max(problem.TotalSeconds / schedule.Stages, request.Profile.Layers.Max(layer => layer.Seconds));
        return new(request, found.Cuts, bound);
    }
}

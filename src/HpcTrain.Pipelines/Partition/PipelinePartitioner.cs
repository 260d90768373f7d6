using System.Collections.Immutable;
using HpcTrain.Drawing;
using HpcTrain.Pipelines.Partition;

namespace HpcTrain.Pipelines;

/// <summary>Cuts models into chunks: contiguous, and so that the slowest rank is as fast as can be within a memory limit.</summary>
public static class PipelinePartitioner
{
    // Idea. First the time of the slowest rank is made as small as can be (PartitionSearch has how). With several chunks per rank many partitions share that time, and among them an
    // interleaved schedule runs fastest if its chunks are alike; so a second search makes the slowest chunk as fast as can be without slowing the slowest rank.

    /// <summary>Finds the best partition.</summary>
    /// <remarks>
    /// A rank's time is that of the forwards and backwards of its chunks. Its memory is that of its parameters in all copies and of the activations that the schedule has it keep at
    /// a time. With one chunk per rank the best is always found; with several the search may be given up, see <see cref="PipelinePartition.IsProved"/>.
    /// </remarks>
    /// <exception cref="PipelineException">There are more chunks than layers, or no partition is within the limit: the message says the smallest limit that one meets.</exception>
    public static PipelinePartition Plan(PartitionRequest request)
    {
        CheckLayers(request);
        var problem = new PartitionProblem(request);
        var limits = new PartitionLimits(double.PositiveInfinity, request.MemoryLimit ?? double.PositiveInfinity);
        PartitionResult found = PartitionSearch.Run(problem, PartitionGoal.RankSeconds, limits);
        if (found.Cuts.IsDefault)
        {
            PartitionResult least = PartitionSearch.Run(problem, PartitionGoal.RankBytes, PartitionLimits.None);
            throw new PipelineException($"No partition {(found.IsProved ? "is" : "was found that is")} within {Bytes(request.MemoryLimit!.Value)} per rank; "
                + $"the smallest limit that {(least.IsProved ? "one meets" : "is known to be met")} is {Bytes((long)least.Value)}.");
        }

        ImmutableArray<int> cuts = found.Cuts;
        if (request.Schedule.Chunks > request.Schedule.Stages
            && PartitionSearch.Run(problem, PartitionGoal.ChunkSeconds, limits with { Seconds = found.Value * (1 + 1e-12) }) is { Cuts.IsDefault: false } even)
        {
            cuts = even.Cuts;
        }

        return new(request, cuts, found.IsProved ? found.Value : AnyBound(request));
    }

    /// <summary>A partition that is given.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cuts">The first layer of each chunk but the first.</param>
    /// <exception cref="PipelineException">The cuts do not make the chunks of the schedule, or a rank needs more than the limit.</exception>
    public static PipelinePartition ByHand(PartitionRequest request, IEnumerable<int> cuts)
    {
        CheckLayers(request);
        int layers = request.Profile.Layers.Length;
        ImmutableArray<int> all = [0, .. cuts, layers];
        if (all.Length != request.Schedule.Chunks + 1)
            throw new PipelineException($"With {PipelineSpec.Count(all.Length - 2, "cut")} there are {PipelineSpec.Count(all.Length - 1, "chunk")}, and the schedule has {request.Schedule.Chunks}.");
        for (int cut = 1; cut < all.Length; cut++)
        {
            if (all[cut] <= all[cut - 1] || all[cut] > layers)
                throw new PipelineException($"Cuts are the first layers of chunks, in ascending order from 1 to {layers - 1}, not {string.Join(", ", all[1..^1])}.");
        }

        var plan = new PipelinePartition(request, all, AnyBound(request));
        int rank = plan.RankBytes.IndexOf(plan.RankBytes.Max());
        return plan.RankBytes[rank] <= (request.MemoryLimit ?? long.MaxValue) ? plan
            : throw new PipelineException($"With these cuts rank {rank} needs {Bytes(plan.RankBytes[rank])}, and the limit is {Bytes(request.MemoryLimit!.Value)}.", rank, null);
    }

    /// <summary>What no partition can be faster than: an equal share of the time, and the slowest layer.</summary>
    private static double AnyBound(PartitionRequest request) =>
        Math.Max(request.Profile.Layers.Sum(layer => layer.Seconds) / request.Schedule.Stages, request.Profile.Layers.Max(layer => layer.Seconds));

    private static void CheckLayers(PartitionRequest request)
    {
        int layers = request.Profile.Layers.Length, stages = request.Schedule.Stages, chunks = request.Schedule.Chunks;
        if (layers >= chunks)
            return;
        string each = chunks == stages ? "" : $" of {chunks / stages} chunks each";
        throw new PipelineException($"{PipelineSpec.Count(stages, "stage")}{each} are more than the model has layers, which is {layers}; take fewer.");
    }

    private static string Bytes(long bytes) => bytes < 1024 ? $"{bytes} bytes" : $"{bytes} bytes ({Unit.Bytes.Format(bytes)})";
}

using System.Collections.Immutable;

namespace HpcTrain.Pipelines;

/// <summary>A model cut into chunks.</summary>
public sealed class PipelinePartition
{
    internal PipelinePartition(PartitionRequest request, ImmutableArray<int> cuts, double lowerBound)
    {
        (Request, Cuts) = (request, cuts);
        PipelineSchedule schedule = request.Schedule;
        var problem = new Partition.PartitionProblem(request);
        RankSeconds = [.. Enumerable.Range(0, schedule.Stages).Select(rank => problem.Seconds(rank, cuts))];
        RankBytes = [.. Enumerable.Range(0, schedule.Stages).Select(rank => problem.Bytes(rank, cuts))];
        LowerBound = Math.Min(lowerBound, RankSeconds.Max());
    }

    /// <summary>What was asked.</summary>
    public PartitionRequest Request { get; }

    /// <summary>The first layer of each chunk, and behind the last chunk the number of layers.</summary>
    public ImmutableArray<int> Cuts { get; }

    /// <summary>Seconds of each rank's forwards and backwards of one micro-batch.</summary>
    public ImmutableArray<double> RankSeconds { get; }

    /// <summary>What each rank needs, in bytes: parameters in all their copies, and the peak of kept activations.</summary>
    public ImmutableArray<long> RankBytes { get; }

    /// <summary>No partition has a slowest rank that is faster, in seconds. It equals the slowest rank's time when the partition is proved to be the best.</summary>
    public double LowerBound { get; }

    /// <summary>Whether it is proved that no partition has a faster slowest rank (to 1 in 10^9).</summary>
    public bool IsProved => LowerBound >= RankSeconds.Max() * (1 - 1e-8);

    /// <summary>The costs of the chunks, to simulate with.</summary>
    /// <param name="weightShare">The share of a backward that the gradients of parameters take.</param>
    public ImmutableArray<ChunkCost> ChunkCosts(double weightShare = 0.5) => [.. Enumerable.Range(0, Cuts.Length - 1).Select(chunk =>
    {
        LayerCost[] layers = [.. Layers(chunk)];
        double backward = layers.Sum(layer => layer.Backward);
        return new ChunkCost(layers.Sum(layer => layer.Forward), backward * (1 - weightShare), backward * weightShare)
        {
            ActivationBytes = layers.Sum(layer => layer.ActivationBytes),
            OutputBytes = layers[^1].OutputBytes,
        };
    })];

    /// <summary>The layers of a chunk.</summary>
    public IEnumerable<LayerCost> Layers(int chunk) => Enumerable.Range(Cuts[chunk], Cuts[chunk + 1] - Cuts[chunk]).Select(layer => Request.Profile.Layers[layer]);

    /// <summary>The cut alone: what a runtime needs of it.</summary>
    public ModelCut Cut => new(Cuts, Request.Schedule.Placement);
}

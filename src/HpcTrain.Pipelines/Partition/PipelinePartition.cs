using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HpcTrain.Pipelines;

/// <summary>A model cut into chunks.</summary>
public sealed class PipelinePartition
{
    /// <summary>What stands under <c>format</c> in every file.</summary>
    public const string Format = "hpctrain-partition";

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

    /// <summary>The partition as a JSON file, for a runtime: for each chunk its rank and its layers.</summary>
    public string ToJson()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\n  \"format\": \"{Format}\", \"version\": 1, \"stages\": {Request.Schedule.Stages}, \"layers\": {Cuts[^1]},\n");
        text.Append(CultureInfo.InvariantCulture, $"  \"slowest_rank_ms\": {RankSeconds.Max() * 1e3:R}, \"lower_bound_ms\": {LowerBound * 1e3:R},\n  \"chunks\": [");
        for (int chunk = 0; chunk + 1 < Cuts.Length; chunk++)
        {
            string names = string.Join(", ", Layers(chunk).Select(layer => JsonSerializer.Serialize(layer.Name)));
            text.Append(CultureInfo.InvariantCulture,
                $"{(chunk == 0 ? "" : ",")}\n    {{\"chunk\": {chunk}, \"rank\": {Request.Schedule.Placement[chunk]}, \"first_layer\": {Cuts[chunk]}, \"names\": [{names}]}}");
        }

        return text.Append("\n  ]\n}\n").ToString();
    }
}

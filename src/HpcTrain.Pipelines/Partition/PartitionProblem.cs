using System.Collections.Immutable;

namespace HpcTrain.Pipelines.Partition;

/// <summary>
/// The numbers of a partition in one form: each rank has measures that add up over its chunks. Measure 0 is time; each of the others is the memory at one moment of the schedule that
/// may be the rank's peak: so many micro-batches of each of its chunks, and all its parameters.
/// </summary>
internal sealed class PartitionProblem
{
    private readonly double[] _seconds;
    private readonly double[] _activations;
    private readonly double[] _parameters;
    private readonly ImmutableArray<int>[][] _peaks;

    public PartitionProblem(PartitionRequest request)
    {
        ImmutableArray<LayerCost> layers = request.Profile.Layers;
        Schedule = request.Schedule;
        Layers = layers.Length;
        _seconds = Sums(layers.Select(layer => layer.Seconds));
        _activations = Sums(layers.Select(layer => (double)layer.ActivationBytes));
        _parameters = Sums(layers.Select(layer => (double)layer.ParameterBytes * request.ParameterCopies));
        _peaks = [.. Enumerable.Range(0, Schedule.Stages).Select(rank => ActivationMemory.Peaks(Schedule, rank).ToArray())];
        Turns = [.. Enumerable.Range(0, Schedule.Chunks).Select(chunk => Schedule.ChunksOf[Schedule.Placement[chunk]].IndexOf(chunk))];
    }

    public PipelineSchedule Schedule { get; }

    public int Layers { get; }

    /// <summary>For each chunk how many chunks of the same rank come before it.</summary>
    public ImmutableArray<int> Turns { get; }

    public double TotalSeconds => _seconds[^1];

    /// <summary>How many measures a rank has.</summary>
    public int Measures(int rank) => 1 + _peaks[rank].Length;

    /// <summary>What a chunk adds to a measure of its rank when it has the layers from <paramref name="first"/> up to <paramref name="end"/>.</summary>
    public double Measure(int chunk, int measure, int first, int end) => measure == 0
        ? _seconds[end] - _seconds[first]
        : (_peaks[Schedule.Placement[chunk]][measure - 1][Turns[chunk]] * (_activations[end] - _activations[first])) + (_parameters[end] - _parameters[first]);

    public double Seconds(int rank, ImmutableArray<int> cuts) => Sum(rank, 0, cuts);

    public long Bytes(int rank, ImmutableArray<int> cuts) => (long)Enumerable.Range(1, _peaks[rank].Length).Max(measure => Sum(rank, measure, cuts));

    private double Sum(int rank, int measure, ImmutableArray<int> cuts) =>
        Schedule.ChunksOf[rank].Sum(chunk => Measure(chunk, measure, cuts[chunk], cuts[chunk + 1]));

    private static double[] Sums(IEnumerable<double> values)
    {
        var sums = new List<double> { 0 };
        foreach (double value in values)
            sums.Add(sums[^1] + value);
        return [.. sums];
    }
}

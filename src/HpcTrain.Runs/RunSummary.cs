using System.Text.Json.Serialization;

namespace HpcTrain.Runs;

/// <summary>The content of <c>summary.json</c>, written once when a run ends as planned.</summary>
public sealed record RunSummary
{
    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>Percent of the test samples classified rightly; absent when nothing was evaluated.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TestAccuracy { get; init; }

    /// <summary>Mean loss per test sample; absent when nothing was evaluated.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TestLoss { get; init; }

    /// <summary>Mean training loss per sample over the last logged interval.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>
    /// Training samples per second over all ranks: samples of the steps after the warm-up steps, divided by their wall time,
    /// evaluation and checkpoints left out.
    /// </summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Number of ranks.</summary>
    public required int Ranks { get; init; }

    /// <summary>The allreduce algorithm that really ran; with parameter servers how they took gradients, as "ssp:3".</summary>
    public required string Algorithm { get; init; }

    /// <summary>Who stepped which parameters: "replicated", "sharded" or "one copy per node"; or the servers, super nodes or local steps of other ways of working together.</summary>
    public required string Division { get; init; }

    /// <summary>Whether gradients were summed while backward went on.</summary>
    public required bool Overlap { get; init; }

    /// <summary>How gradients travelled, as "none" or "int8".</summary>
    public required string Compression { get; init; }

    /// <summary>What rank 0 has sent for gradients since this attempt began, in bytes, counted as if ranks of a node sent messages; absent where nothing counts it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? GradientBytesSent { get; init; }

    /// <summary>The MPI library, as it names itself.</summary>
    public required string Mpi { get; init; }

    /// <summary>Wall seconds of this attempt, from the start of the ranks' program to the summary.</summary>
    public required double Seconds { get; init; }

    /// <summary>Optimizer steps since the start of the run.</summary>
    public required long Steps { get; init; }

    /// <summary>Epochs done.</summary>
    public required double Epochs { get; init; }

    /// <summary>How often the run was started.</summary>
    public required int Attempts { get; init; }

    /// <summary>Samples per step over all ranks.</summary>
    public required long GlobalBatch { get; init; }

    /// <summary>Trained parameters of the model, in elements.</summary>
    public required long Parameters { get; init; }

    /// <summary>Percent of the training time spent waiting for data, on the slowest rank.</summary>
    public required double DataStallPercent { get; init; }

    /// <summary>The rank that took most time per sample in the last logged interval, waiting for data and other ranks left out.</summary>
    public required int SlowestRank { get; init; }

    /// <summary>How many times the median rank's time per sample it took.</summary>
    public required double SlowestTimes { get; init; }

    /// <summary>Percent of the training time that collectives add to it, waiting for other ranks included, on the rank where that is most. What goes on during backward does not count.</summary>
    public required double CommunicationPercent { get; init; }

    /// <summary>Largest resident size of any rank, bytes.</summary>
    public required long PeakResidentBytes { get; init; }

    /// <summary>SHA-256 of all parameters in order, equal on every rank: two runs with equal digests ended with the same bits.</summary>
    public required string ParametersDigest { get; init; }
}

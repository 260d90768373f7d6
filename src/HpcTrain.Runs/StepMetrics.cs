using System.Text.Json.Serialization;

namespace HpcTrain.Runs;

/// <summary>One line of <c>metrics.jsonl</c>. Times are seconds of the slowest rank since the line before.</summary>
public sealed record StepMetrics
{
    /// <summary><c>train</c> for the averages since the last line, <c>eval</c> for a whole pass over held-out data.</summary>
    public required string Kind { get; init; }

    /// <summary>How often this run had been started when the line was written; 1 for a run that was never resumed.</summary>
    public required int Attempt { get; init; }

    /// <summary>Optimizer steps done since the start of the run.</summary>
    public required long Step { get; init; }

    /// <summary>Epochs done, with the fraction of the current one.</summary>
    public required double Epoch { get; init; }

    /// <summary>Mean loss per sample, over all ranks.</summary>
    public required double Loss { get; init; }

    /// <summary>Percent of samples classified rightly, over all ranks; absent when the job has no accuracy.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Accuracy { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LearningRate { get; init; }

    /// <summary>Samples per second over all ranks.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Seconds spent waiting for data.</summary>
    public required double SecondsData { get; init; }

    /// <summary>Seconds spent in forward, backward and the optimizer.</summary>
    public required double SecondsCompute { get; init; }

    /// <summary>Seconds spent in collectives, waiting for other ranks included.</summary>
    public required double SecondsCommunication { get; init; }

    /// <summary>Seconds since the attempt started.</summary>
    public required double Elapsed { get; init; }
}

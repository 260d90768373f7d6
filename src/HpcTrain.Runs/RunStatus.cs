using System.Text.Json.Serialization;

namespace HpcTrain.Runs;

/// <summary>What a run is doing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunState>))]
public enum RunState
{
    /// <summary>Ranks are up; model and data are being prepared.</summary>
    [JsonStringEnumMemberName("starting")] Starting,

    /// <summary>Training or evaluating.</summary>
    [JsonStringEnumMemberName("running")] Running,

    /// <summary>Ended as planned; <c>summary.json</c> is there.</summary>
    [JsonStringEnumMemberName("finished")] Finished,

    /// <summary>Ended by an error, which <see cref="RunStatus.Message"/> tells.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>The content of <c>status.json</c>: replaced as a whole at every change, so a reader never sees half of it.</summary>
public sealed record RunStatus
{
    /// <summary>What the run is doing.</summary>
    public required RunState State { get; init; }

    /// <summary>Optimizer steps done.</summary>
    public long Step { get; init; }

    /// <summary>Optimizer steps planned.</summary>
    public long Steps { get; init; }

    /// <summary>Epochs done, with the fraction of the current one.</summary>
    public double Epoch { get; init; }

    /// <summary>How often the run has been started.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The newest checkpoint's folder, relative to the run folder; null before the first.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Host and process of rank 0.</summary>
    public string? Host { get; init; }

    /// <summary>Process id of rank 0 on <see cref="Host"/>.</summary>
    public int ProcessId { get; init; }

    /// <summary>Why the run failed, or null.</summary>
    public string? Message { get; init; }

    /// <summary>When this was written, UTC.</summary>
    public DateTime Updated { get; init; } = DateTime.UtcNow;
}

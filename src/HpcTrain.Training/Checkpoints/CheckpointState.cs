using HpcTrain.Data;

namespace HpcTrain.Training.Checkpoints;

/// <summary>The content of a checkpoint's <c>state.json</c>: where training stood.</summary>
public sealed record CheckpointState
{
    /// <summary>Version of the format; 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The job that wrote it.</summary>
    public required string Job { get; init; }

    /// <summary>Optimizer steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Ranks that wrote it; the random states are per rank.</summary>
    public required int Ranks { get; init; }

    /// <summary>Where the loader stood: epoch, samples of it that all ranks together had consumed, seed.</summary>
    public required LoaderState Data { get; init; }

    /// <summary>The dataset's fingerprint; resuming on other data is refused.</summary>
    public required string Dataset { get; init; }

    /// <summary>The optimizer's name.</summary>
    public required string Optimizer { get; init; }

    /// <summary>The optimizer's own step count.</summary>
    public required long OptimizerSteps { get; init; }

    /// <summary>How gradients were compressed, as "int8"; null for not at all.</summary>
    public string? Compression { get; init; }

    /// <summary>The compression's own step count.</summary>
    public long CompressionSteps { get; init; }

    /// <summary>What losses were multiplied with; null where they were not.</summary>
    public double? LossScale { get; init; }

    /// <summary>Steps since the loss scale changed.</summary>
    public int StepsAtLossScale { get; init; }
}

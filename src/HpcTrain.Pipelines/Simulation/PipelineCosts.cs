using System.Collections.Immutable;

namespace HpcTrain.Pipelines;

/// <summary>What a chunk costs, for one micro-batch.</summary>
/// <param name="Forward">Seconds of a forward.</param>
/// <param name="BackwardInput">Seconds of the first half of a backward: the gradient of the input.</param>
/// <param name="BackwardWeight">Seconds of the second half: the gradients of the parameters. A whole backward takes both together.</param>
public readonly record struct ChunkCost(double Forward, double BackwardInput, double BackwardWeight)
{
    /// <summary>What is kept between forward and backward, in bytes.</summary>
    public long ActivationBytes { get; init; }

    /// <summary>What is sent to the next chunk, in bytes; the gradient that comes back is as long.</summary>
    public long OutputBytes { get; init; }

    /// <summary>Seconds of the reduction of the chunk's gradients among replicas.</summary>
    public double Reduce { get; init; }

    /// <summary>Seconds of a computation.</summary>
    public double Seconds(ActionKind computation) => computation switch
    {
        ActionKind.Forward => Forward,
        ActionKind.Backward => BackwardInput + BackwardWeight,
        ActionKind.BackwardInput => BackwardInput,
        ActionKind.BackwardWeight => BackwardWeight,
        _ => throw new ArgumentOutOfRangeException(nameof(computation), computation, "A chunk computes forwards and backwards."),
    };
}

/// <summary>What a pipeline costs: its chunks, the links between ranks, and the step.</summary>
public sealed record PipelineCosts
{
    /// <summary>The cost of each chunk.</summary>
    public required ImmutableArray<ChunkCost> Chunks { get; init; }

    /// <summary>Seconds from the end of sending to the arrival, whatever the length.</summary>
    public double LatencySeconds { get; init; }

    /// <summary>The rate of a link, in each direction between two ranks.</summary>
    public double BytesPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Seconds of the optimizer's step.</summary>
    public double StepSeconds { get; init; }

    /// <summary>Equal chunks in slots of time: a forward and the halves of a backward take one each, messages none.</summary>
    public static PipelineCosts Slots(int chunks) => new() { Chunks = [.. Enumerable.Repeat(new ChunkCost(1, 1, 1), chunks)] };
}

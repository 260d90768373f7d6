namespace HpcTrain.Pipelines;

/// <summary>What a chunk costs, for one micro-batch.</summary>
/// <param name="Forward">Seconds of a forward.</param>
/// <param name="BackwardInput">Seconds of the first half of a backward: the gradient of the input.</param>
/// <param name="BackwardWeight">Seconds of the second half: the gradients of the parameters. A whole backward takes both together.</param>
public readonly record struct ChunkCost(double Forward, double BackwardInput, double BackwardWeight)
{
    /// <summary>What is kept between forward and backward, in bytes.</summary>
    public long ActivationBytes { get; init; }

    /// <summary>What a backward has beside that from its beginning to its end (to that of its second half, if it is split), in bytes.</summary>
    public long BackwardBytes { get; init; }

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

    /// <summary>
    /// The chunk when it keeps its input alone and computes its forward again before each backward (activation checkpointing): a backward takes a forward longer and has the activations meanwhile.
    /// </summary>
    /// <param name="inputBytes">The length of the input.</param>
    public ChunkCost Recomputing(long inputBytes) =>
        this with { BackwardInput = BackwardInput + Forward, ActivationBytes = inputBytes, BackwardBytes = BackwardBytes + ActivationBytes };
}

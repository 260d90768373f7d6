namespace HpcTrain.Pipelines;

/// <summary>An action of a rank's program.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="MicroBatch">The micro-batch; -1 for <see cref="ActionKind.ReduceGradients"/> and <see cref="ActionKind.Step"/>.</param>
/// <param name="Chunk">
/// The chunk, one of the rank's own, counted along the model; -1 for <see cref="ActionKind.Step"/>. Of a message, the chunk of this end.
/// </param>
public readonly record struct PipelineAction(ActionKind Kind, int MicroBatch, int Chunk)
{
    /// <summary>The step of the optimizer.</summary>
    public static PipelineAction Step { get; } = new(ActionKind.Step, -1, -1);

    /// <summary>The reduction of a chunk's gradients among replicas.</summary>
    public static PipelineAction Reduce(int chunk) => new(ActionKind.ReduceGradients, -1, chunk);

    /// <summary>The action in a few words, for example <c>send-activation of micro-batch 3, chunk 1</c>.</summary>
    public override string ToString() => Kind switch
    {
        ActionKind.Step => Kind.Name(),
        ActionKind.ReduceGradients => $"{Kind.Name()} of chunk {Chunk}",
        _ => $"{Kind.Name()} of micro-batch {MicroBatch}, chunk {Chunk}",
    };
}

namespace HpcTrain.Pipelines;

/// <summary>What is asked of the partitioner.</summary>
/// <param name="Profile">The model's layers.</param>
/// <param name="Schedule">
/// The schedule that will run: its ranks, chunks and their placement, and how many micro-batches ranks keep.
/// </param>
public sealed record PartitionRequest(LayerProfile Profile, PipelineSchedule Schedule)
{
    /// <summary>What a rank may need in all, in bytes; null: no limit.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>
    /// How many times parameters are held: themselves, their gradients, and the optimizer's state. 3 for SGD with momentum, 4 for Adam.
    /// </summary>
    public int ParameterCopies { get; init; } = 3;
}

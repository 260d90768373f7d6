using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Training.Pipelines;

/// <summary>How a pipeline runs. The same on all ranks.</summary>
public sealed record PipelineOptions
{
    /// <summary>What activations and their gradients are between ranks: f32, f16 or bf16, rounded to nearest.</summary>
    public ElementType Wire { get; init; } = ElementType.F32;

    /// <summary>
    /// Whether chunks keep only their inputs from forward to backward, and compute the rest again (Chen et al., "Training Deep Nets with Sublinear Memory Cost", arXiv 1604.06174), with the same
    /// random numbers.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>How long a message may take before the rank that waits gives up.</summary>
    public TimeSpan StallTimeout { get; init; } = new CommunicatorOptions().StallTimeout;
}

using System.Collections.Immutable;

namespace HpcTrain.Pipelines;

/// <summary>What a layer costs, for one micro-batch.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Forward">Seconds of its forward.</param>
/// <param name="Backward">Seconds of its backward, both halves.</param>
/// <param name="ActivationBytes">What it keeps between forward and backward.</param>
/// <param name="ParameterBytes">Its parameters, once.</param>
public sealed record LayerCost(string Name, double Forward, double Backward, long ActivationBytes, long ParameterBytes)
{
    /// <summary>What it hands to the next layer, in bytes.</summary>
    public long OutputBytes { get; init; }

    /// <summary>Seconds of forward and backward together.</summary>
    public double Seconds => Forward + Backward;
}

/// <summary>The measured layers of a model, in their order.</summary>
/// <param name="Layers">The layers; at least one.</param>
public sealed record LayerProfile(ImmutableArray<LayerCost> Layers);

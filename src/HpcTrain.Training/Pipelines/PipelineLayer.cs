using static TorchSharp.torch;

namespace HpcTrain.Training.Pipelines;

/// <summary>A layer of a model that is cut into chunks: from one tensor to one.</summary>
/// <param name="Name">Its name in the whole model, by which checkpoints know its parameters.</param>
/// <param name="Make">Makes it; called on the rank that has it alone, so that no rank needs the memory of the whole model.</param>
public sealed record PipelineLayer(string Name, Func<nn.Module<Tensor, Tensor>> Make)
{
    /// <summary>The layers of a model that is made already, as <c>Sequential</c>. A rank uses its own; the module stays the caller's.</summary>
    /// <exception cref="TrainingException">A child of the module does not take one tensor and give one.</exception>
    public static IReadOnlyList<PipelineLayer> Of(nn.Module model) => [.. model.named_children().Select(child => child.module is nn.Module<Tensor, Tensor> layer
        ? new PipelineLayer(child.name, () => layer)
        : throw new TrainingException($"layer {child.name} of {model.GetName()} does not go from one tensor to one: a pipeline is cut between such layers."))];
}

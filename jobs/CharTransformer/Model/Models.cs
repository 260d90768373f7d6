using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CharTransformer;

/// <summary>The models of the job.</summary>
internal static class Models
{
    /// <summary>
    /// A decoder-only transformer: ids [samples, characters] to logits [samples, characters, symbols], where those at a position
    /// depend on the characters up to it. A flat sequence of layers, each from one tensor to one, so that it can be cut anywhere.
    /// </summary>
    public static Module<Tensor, Tensor> Transformer(ModelShape shape) => Sequential(
    [
        ("embedding", new CharacterEmbedding(shape)),
        .. Enumerable.Range(1, shape.Layers).Select(i => ($"block{i}", (Module<Tensor, Tensor>)new TransformerBlock(shape))),
        ("norm", LayerNorm(shape.Width)),
        ("output", Weights.Linear(shape.Width, shape.Symbols)),
    ]);
}

using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CharTransformer;

/// <summary>
/// Adds to each position what attention finds before it, then what an MLP makes of the position itself. Both see the normalised
/// sum (pre-norm), while the sum itself passes unchanged, so that deep stacks train without a long warm-up.
/// </summary>
internal sealed class TransformerBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly CausalAttention attention;
    private readonly LayerNorm norm2;
    private readonly Sequential mlp;
    private readonly Dropout dropout;

    public TransformerBlock(ModelShape shape) : base(nameof(TransformerBlock))
    {
        norm1 = LayerNorm(shape.Width);
        attention = new CausalAttention(shape);
        norm2 = LayerNorm(shape.Width);
        mlp = Sequential(
            ("widen", Weights.Linear(shape.Width, 4 * shape.Width)), ("gelu", GELU()),
            ("narrow", Weights.Linear(4 * shape.Width, shape.Width, Weights.ResidualScale(shape.Layers))));
        dropout = Dropout(shape.Dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var sum = input + dropout.call(attention.call(norm1.call(input)));
        return (sum + dropout.call(mlp.call(norm2.call(sum)))).MoveToOuterDisposeScope();
    }
}

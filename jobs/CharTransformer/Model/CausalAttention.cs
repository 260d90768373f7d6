using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CharTransformer;

/// <summary>
/// Every position asks (query), answers (key) and tells (value); what it gets is the others' values, weighted by how well their
/// keys answer its query. Only positions up to its own are asked. Each head does so on its share of the width.
/// </summary>
internal sealed class CausalAttention : Module<Tensor, Tensor>
{
    private readonly int _heads;
    private readonly Linear project;
    private readonly Linear output;

    public CausalAttention(ModelShape shape) : base(nameof(CausalAttention))
    {
        _heads = shape.Heads;
        project = Weights.Linear(shape.Width, 3 * shape.Width);
        output = Weights.Linear(shape.Width, shape.Width, Weights.ResidualScale(shape.Layers));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (samples, positions, width) = (input.shape[0], input.shape[1], input.shape[2]);
        // [samples, positions, 3 x width] to three of [samples, heads, positions, width / heads]
        var parts = project.call(input).view(samples, positions, 3, _heads, width / _heads).permute(2, 0, 3, 1, 4).unbind(0);
        var mixed = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: true);
        return output.call(mixed.transpose(1, 2).reshape(samples, positions, width)).MoveToOuterDisposeScope();
    }
}

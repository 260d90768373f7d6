using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace TorchSharpTests.Autograd;

/// <summary>x·c, with c kept as data.</summary>
internal sealed class Scale : SingleTensorFunction<Scale>
{
    public override string Name => nameof(Scale);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        ctx.save_data("factor", vars[1]);
        return (Tensor)vars[0] * (double)vars[1];
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) =>
        [grad_output * (double)ctx.get_data("factor")!, null!];
}

/// <summary>x³ from the saved input, written so that it can be differentiated again.</summary>
internal sealed class Cube : SingleTensorFunction<Cube>
{
    public override string Name => nameof(Cube);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var x = (Tensor)vars[0];
        ctx.save_for_backward([x, null!]);
        return x.pow(3);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        return saved is [var x, null] ? [grad_output * 3 * x * x] : throw new InvalidOperationException("saved otherwise");
    }
}

/// <summary>eˣ from the saved output.</summary>
internal sealed class Exp : SingleTensorFunction<Exp>
{
    public override string Name => nameof(Exp);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var y = ((Tensor)vars[0]).exp();
        ctx.save_for_backward([y]);
        return y;
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => [grad_output * ctx.get_saved_variables()[0]];
}

/// <summary>The input itself; the action among the arguments sees the gradient.</summary>
internal sealed class Watch : SingleTensorFunction<Watch>
{
    public override string Name => nameof(Watch);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        ctx.save_data("seen", vars[1]);
        return (Tensor)vars[0];
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        ((Action<Tensor>)ctx.get_data("seen")!)(grad_output);
        return [grad_output, null!];
    }
}

/// <summary>Doubles its input in place.</summary>
internal sealed class DoubleInPlace : SingleTensorFunction<DoubleInPlace>
{
    public override string Name => nameof(DoubleInPlace);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var x = (Tensor)vars[0];
        ctx.mark_dirty([x]);
        return x.mul_(2);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => [grad_output * 2];
}

/// <summary>2x, 3x, and x rounded, which has no gradient; says which gradients were there.</summary>
internal sealed class Several : MultiTensorFunction<Several>
{
    public override string Name => nameof(Several);

    public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
    {
        var x = (Tensor)vars[0];
        var rounded = x.round();
        ctx.mark_non_differentiable([rounded]);
        ctx.set_materialize_grads((bool)vars[1]);
        ctx.save_data("seen", vars[2]);
        return [x * 2, x * 3, rounded];
    }

    public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs)
    {
        ((List<bool>)ctx.get_data("seen")!).AddRange(grad_outputs.Select(gradient => !gradient.IsInvalid));
        var sum = zeros(2, dtype: float64);
        if (!grad_outputs[0].IsInvalid) sum += grad_outputs[0] * 2;
        if (!grad_outputs[1].IsInvalid) sum += grad_outputs[1] * 3;
        return [sum, null!, null!];
    }
}

/// <summary>The identity, whose backward is the argument: what it returns, or throws.</summary>
internal sealed class Custom : SingleTensorFunction<Custom>
{
    public override string Name => nameof(Custom);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        ctx.save_data("backward", vars[1]);
        return ((Tensor)vars[0]).clone();
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) =>
        ((Func<Tensor, List<Tensor>>)ctx.get_data("backward")!)(grad_output);
}

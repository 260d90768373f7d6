using HpcTrain.Kernels;

namespace HpcTrain.Training.Optimizers;

/// <summary>
/// Adam and AdamW as torch.optim computes them (Kingma and Ba, arXiv 1412.6980; Loshchilov and Hutter, arXiv 1711.05101), one fused pass over parameters, gradients and both
/// moments; the formulas are those of <see cref="AdamKernels"/>.
/// </summary>
/// <param name="beta1">How much of the first moment is kept, from 0 to less than 1.</param>
/// <param name="beta2">How much of the second moment is kept, from 0 to less than 1.</param>
/// <param name="epsilon">Added to the root of the second moment.</param>
/// <param name="weightDecay">Weight decay: added to the gradient, or of the parameter itself where it is decoupled.</param>
/// <param name="decoupled">Whether weights decay as in AdamW.</param>
public sealed class Adam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool decoupled = false) : FlatOptimizer
{
    private readonly Dictionary<string, float[]> _state = [];
    private float[] _mean = [];
    private float[] _square = [];

    /// <inheritdoc/>
    public override string Name => decoupled ? "adamw" : "adam";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, float[]> State => _state;

    /// <inheritdoc/>
    public override void Prepare(int length)
    {
        _state["mean"] = _mean = GC.AllocateArray<float>(length, pinned: true);
        _state["square"] = _square = GC.AllocateArray<float>(length, pinned: true);
    }

    /// <inheritdoc/>
    protected override unsafe void Apply(Span<float> values, ReadOnlySpan<float> gradients, int stateOffset, double learningRate)
    {
        RequireState(_mean, stateOffset, values.Length);
        fixed (float* parameter = values, gradient = gradients, mean = _mean, square = _square)
        {
            AdamKernels.Step(
                parameter, gradient, mean + stateOffset, square + stateOffset, values.Length, Steps + 1, learningRate, beta1, beta2, epsilon, weightDecay, decoupled);
        }
    }
}

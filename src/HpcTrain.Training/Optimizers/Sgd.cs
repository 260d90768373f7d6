using HpcTrain.Kernels;

namespace HpcTrain.Training.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum and weight decay, as torch.optim.SGD computes it: d = g + decay p;
/// m = momentum m + d; p -= rate m, or with Nesterov momentum p -= rate (d + momentum m). One fused pass over parameters, gradients and momentum.
/// </summary>
/// <param name="momentum">Momentum factor, 0 for none.</param>
/// <param name="weightDecay">L2 penalty, added to the gradient.</param>
/// <param name="nesterov">Whether to look ahead by the momentum, which then must not be 0.</param>
public sealed class Sgd(double momentum = 0, double weightDecay = 0, bool nesterov = false) : FlatOptimizer
{
    private readonly Dictionary<string, float[]> _state = [];
    private float[] _momentum = [];

    /// <inheritdoc/>
    public override string Name => "sgd";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, float[]> State => _state;

    /// <inheritdoc/>
    public override void Prepare(int length)
    {
        _state.Clear();
        _momentum = [];
        if (momentum != 0)
        {
            _state["momentum"] = _momentum = GC.AllocateArray<float>(length, pinned: true);
        }
    }

    /// <inheritdoc/>
    protected override unsafe void Apply(Span<float> values, ReadOnlySpan<float> gradients, int stateOffset, double learningRate)
    {
        if (momentum != 0)
        {
            RequireState(_momentum, stateOffset, values.Length);
        }

        fixed (float* parameter = values, gradient = gradients, buffer = _momentum)
        {
            SgdKernels.Step(
                parameter, gradient, buffer is null ? null : buffer + stateOffset, values.Length, learningRate, momentum, dampening: 0, weightDecay, nesterov);
        }
    }
}

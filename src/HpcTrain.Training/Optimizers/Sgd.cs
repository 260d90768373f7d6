using HpcTrain.Kernels;

namespace HpcTrain.Training.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum and weight decay, as torch.optim.SGD computes it: d = g + decay p;
/// m = momentum m + d; p -= rate m. One fused pass over parameters, gradients and momentum.
/// </summary>
/// <param name="momentum">Momentum factor, 0 for none.</param>
/// <param name="weightDecay">L2 penalty, added to the gradient.</param>
public sealed class Sgd(double momentum = 0, double weightDecay = 0) : FlatOptimizer
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
    protected override unsafe void Apply(Span<float> values, Span<float> gradients, double learningRate)
    {
        if (gradients.Length != values.Length || (momentum != 0 && _momentum.Length != values.Length))
        {
            throw new ArgumentException($"{values.Length} parameters, {gradients.Length} gradients, {_momentum.Length} momenta: call Prepare with the length first");
        }

        // The kernel reads and writes exactly values.Length elements of each, which the check above grants.
        fixed (float* parameter = values, gradient = gradients, buffer = _momentum)
        {
            SgdKernels.Step(parameter, gradient, buffer, values.Length, learningRate, momentum, dampening: 0, weightDecay);
        }
    }
}

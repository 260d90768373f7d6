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
    // Three buffers of a block fit the second-level cache, where the gradients still are when they are set to zero.
    private const int BlockElements = 32 * 1024;
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

        fixed (float* parameter = values, gradient = gradients, buffer = _momentum)
        {
            for (var begin = 0; begin < values.Length; begin += BlockElements)
            {
                // Reads and writes count elements from begin of each buffer, which the checks above grant.
                var count = Math.Min(BlockElements, values.Length - begin);
                SgdKernels.Step(
                    parameter + begin, gradient + begin, buffer is null ? null : buffer + begin, count, learningRate, momentum, dampening: 0, weightDecay, nesterov);
                gradients.Slice(begin, count).Clear();
            }
        }
    }
}

using HpcTrain.Kernels;

namespace HpcTrain.Training.Optimizers;

/// <summary>
/// Layer-wise adaptive rate scaling (You, Gitman and Ginsburg, arXiv 1708.03888, algorithm 1), for large batches: with w a layer's parameters and g their gradient,
/// <code>
/// trust = coefficient |w| / (|g| + weightDecay |w|)          1 where |w| or |g| is 0, and for vectors
/// m     = momentum m + rate trust (g + weightDecay w)        vectors do not decay
/// w     = w - m
/// </code>
/// The rate is inside the momentum, as in the paper.
/// </summary>
/// <param name="momentum">Momentum factor, 0 for none.</param>
/// <param name="weightDecay">Weight decay of layers that adapt.</param>
/// <param name="coefficient">The trust coefficient: how large an update may be compared with its layer; positive.</param>
public sealed class Lars(double momentum = 0.9, double weightDecay = 0, double coefficient = 0.001) : LayerwiseOptimizer
{
    private readonly Dictionary<string, float[]> _state = [];
    private float[] _momentum = [];

    /// <inheritdoc/>
    public override string Name => "lars";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, float[]> State => _state;

    /// <inheritdoc/>
    public override void Prepare(int length) => _state["momentum"] = _momentum = GC.AllocateArray<float>(length, pinned: true);

    /// <inheritdoc/>
    public override unsafe LayerSquares Direct(Span<float> values, Span<float> gradients, int stateOffset, bool adapts)
    {
        if (!adapts)
        {
            return default;
        }

        fixed (float* value = values, gradient = gradients)
        {
            var squares = new LayerSquares(HostKernels.SumOfSquares(value, values.Length), HostKernels.SumOfSquares(gradient, values.Length));
            HostKernels.AddScaled(gradient, value, values.Length, weightDecay);
            return squares;
        }
    }

    /// <inheritdoc/>
    public override double Trust(LayerSquares squares)
    {
        var (value, gradient) = (Math.Sqrt(squares.Values), Math.Sqrt(squares.Updates));
        return value > 0 && gradient > 0 ? coefficient * value / (gradient + (weightDecay * value)) : 1;
    }

    /// <inheritdoc/>
    protected override unsafe void Apply(Span<float> values, ReadOnlySpan<float> gradients, int stateOffset, double learningRate)
    {
        RequireState(_momentum, stateOffset, values.Length);
        fixed (float* parameter = values, direction = gradients, buffer = _momentum)
        {
            HostKernels.Scale(ElementType.F32, buffer + stateOffset, values.Length, momentum);
            HostKernels.AddScaled(buffer + stateOffset, direction, values.Length, learningRate);
            HostKernels.AddScaled(parameter, buffer + stateOffset, values.Length, -1);
        }
    }
}

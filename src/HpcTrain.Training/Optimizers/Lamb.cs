using HpcTrain.Kernels;

namespace HpcTrain.Training.Optimizers;

/// <summary>
/// LAMB (You et al., arXiv 1904.00962, algorithm 2), Adam with a rate per layer, for large batches: with r the step that AdamW would take and w a layer's parameters,
/// <code>
/// r = mean' / (sqrt(square') + epsilon) + weightDecay w      with corrected moments; vectors do not decay
/// w = w - rate |w| / |r| r                                   the quotient is 1 where |w| or |r| is 0, and for vectors
/// </code>
/// </summary>
/// <param name="beta1">How much of the first moment is kept, from 0 to less than 1.</param>
/// <param name="beta2">How much of the second moment is kept, from 0 to less than 1.</param>
/// <param name="epsilon">Added to the root of the second moment.</param>
/// <param name="weightDecay">Weight decay of layers that adapt.</param>
public sealed class Lamb(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-6, double weightDecay = 0) : LayerwiseOptimizer
{
    private const int BlockElements = 4096;
    private readonly Dictionary<string, float[]> _state = [];
    private float[] _mean = [];
    private float[] _square = [];

    /// <inheritdoc/>
    public override string Name => "lamb";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, float[]> State => _state;

    /// <inheritdoc/>
    public override void Prepare(int length)
    {
        _state["mean"] = _mean = GC.AllocateArray<float>(length, pinned: true);
        _state["square"] = _square = GC.AllocateArray<float>(length, pinned: true);
    }

    /// <inheritdoc/>
    public override unsafe LayerSquares Direct(Span<float> values, Span<float> gradients, int stateOffset, bool adapts)
    {
        RequireState(_mean, stateOffset, values.Length);
        var squares = default(LayerSquares);
        var update = stackalloc float[BlockElements];
        fixed (float* value = values, gradient = gradients, mean = _mean, square = _square)
        {
            for (var i = 0; i < values.Length; i += BlockElements)
            {
                // What Adam makes of a parameter of zero at a rate of one is its step, with the other sign.
                var count = Math.Min(BlockElements, values.Length - i);
                var state = stateOffset + i;
                HostKernels.Fill(ElementType.F32, update, count, 0);
                AdamKernels.Step(update, gradient + i, mean + state, square + state, count, Steps + 1, 1, beta1, beta2, epsilon);
                HostKernels.Scale(ElementType.F32, gradient + i, update, count, -1);
                if (adapts)
                {
                    HostKernels.AddScaled(gradient + i, value + i, count, weightDecay);
                    squares += new LayerSquares(HostKernels.SumOfSquares(value + i, count), HostKernels.SumOfSquares(gradient + i, count));
                }
            }
        }

        return squares;
    }

    /// <inheritdoc/>
    public override double Trust(LayerSquares squares) => squares is { Values: > 0, Updates: > 0 } ? Math.Sqrt(squares.Values / squares.Updates) : 1;

    /// <inheritdoc/>
    protected override unsafe void Apply(Span<float> values, ReadOnlySpan<float> gradients, int stateOffset, double learningRate)
    {
        fixed (float* parameter = values, direction = gradients)
        {
            HostKernels.AddScaled(parameter, direction, values.Length, -learningRate);
        }
    }
}

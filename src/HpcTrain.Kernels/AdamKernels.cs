using HpcTrain.Kernels.Loops;

namespace HpcTrain.Kernels;

/// <summary>
/// Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1) and AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2) over flat f32 buffers, fused into one pass, with
/// the semantics of torch.optim.Adam and torch.optim.AdamW:
/// <code>
/// g         = gradient + weightDecay * parameter                              Adam; the term is absent if weightDecay is 0
/// parameter = parameter * (1 - learningRate * weightDecay)                    AdamW
/// mean      = beta1 * mean + (1 - beta1) * g
/// square    = beta2 * square + (1 - beta2) * g * g
/// parameter = parameter - learningRate / (1 - beta1^step) * (mean / (sqrt(square) / sqrt(1 - beta2^step) + epsilon))
/// </code>
/// Each operation is rounded to f32; nothing is contracted to a fused multiply-add, so the bits are the same on every machine, for any length and alignment. What does not
/// depend on the element is worked out in double precision and rounded to f32 once.
/// The caller owns the memory; calls allocate nothing, and may run on any number of threads on separate memory.
/// </summary>
public static unsafe class AdamKernels
{
    /// <summary>One step.</summary>
    /// <param name="parameter"><paramref name="count"/> floats, read and written.</param>
    /// <param name="gradient"><paramref name="count"/> floats, read.</param>
    /// <param name="mean">The first moment: <paramref name="count"/> floats, read and written; zero before the first step.</param>
    /// <param name="square">The second moment: <paramref name="count"/> floats, read and written; zero before the first step. No two of the four arrays may overlap.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="step">The number of this step, from 1.</param>
    /// <param name="learningRate">The learning rate; not negative.</param>
    /// <param name="beta1">How much of the first moment is kept, from 0 to less than 1.</param>
    /// <param name="beta2">How much of the second moment is kept, from 0 to less than 1.</param>
    /// <param name="epsilon">Added to the root of the second moment; not negative.</param>
    /// <param name="weightDecay">The weight decay; not negative.</param>
    /// <param name="decoupled">Whether the decay is AdamW's, of the parameter itself, and not Adam's, a part of the gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    /// <exception cref="ArgumentNullException">A moment's buffer is missing.</exception>
    public static void Step(
        float* parameter, float* gradient, float* mean, float* square, nint count, long step,
        double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool decoupled = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        Within(learningRate, double.PositiveInfinity, nameof(learningRate));
        Within(beta1, 1, nameof(beta1));
        Within(beta2, 1, nameof(beta2));
        Within(epsilon, double.PositiveInfinity, nameof(epsilon));
        Within(weightDecay, double.PositiveInfinity, nameof(weightDecay));
        if (mean is null && count > 0) throw new ArgumentNullException(nameof(mean));
        if (square is null && count > 0) throw new ArgumentNullException(nameof(square));
        AdamLoop.Run(parameter, gradient, mean, square, count, new(
            Kept1: (float)beta1,
            Added1: (float)(1 - beta1),
            Kept2: (float)beta2,
            Added2: (float)(1 - beta2),
            StepSize: (float)(learningRate / (1 - Math.Pow(beta1, step))),
            RootOfCorrection: (float)Math.Sqrt(1 - Math.Pow(beta2, step)),
            Epsilon: (float)epsilon,
            Decay: decoupled ? (float)(1 - (learningRate * weightDecay)) : (float)weightDecay,
            HasDecay: weightDecay != 0,
            IsDecoupled: decoupled));
    }

    private static void Within(double value, double below, string name)
    {
        if (!(value >= 0 && value < below))
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be 0 or more{(double.IsFinite(below) ? $", and less than {below}" : ", and finite")}.");
    }
}

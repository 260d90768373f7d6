using HpcTrain.Kernels.Loops;

namespace HpcTrain.Kernels;

/// <summary>
/// Stochastic gradient descent over flat f32 buffers, fused into one pass, with the semantics of torch.optim.SGD:
/// <code>
/// d   = gradient + weightDecay * parameter         (the term is absent if weightDecay is 0)
/// buf = d                                          in the first step
/// buf = momentumFactor * buf + (1 - dampening) * d in every other one (absent if momentumFactor is 0)
/// d   = nesterov ? d + momentumFactor * buf : buf
/// parameter = parameter - learningRate * d
/// </code>
/// Each product and each sum is rounded to f32, as in the unfused form; nothing is contracted to a fused multiply-add, so the
/// bits are the same on every machine, for any length and alignment. (PyTorch's own kernels contract on some machines and differ
/// from this in the last bit.) The hyperparameters are rounded to f32, 1 - dampening after the subtraction.
/// The caller owns the memory; calls allocate nothing, and may run on any number of threads on separate memory.
/// </summary>
public static unsafe class SgdKernels
{
    /// <summary>A step with a momentum buffer that an earlier step wrote.</summary>
    /// <param name="parameter"><paramref name="count"/> floats, read and written.</param>
    /// <param name="gradient"><paramref name="count"/> floats, read.</param>
    /// <param name="momentum"><paramref name="count"/> floats, read and written; not touched, and may be null, if
    /// <paramref name="momentumFactor"/> is 0. None of the three arrays may overlap another.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="learningRate">The learning rate; not negative.</param>
    /// <param name="momentumFactor">The momentum; not negative.</param>
    /// <param name="dampening">The dampening of the momentum.</param>
    /// <param name="weightDecay">The L2 penalty; not negative.</param>
    /// <param name="nesterov">Whether to look ahead by the momentum; this needs a momentum, and no dampening.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative or undefined count, rate, momentum or decay.</exception>
    /// <exception cref="ArgumentException">Nesterov without momentum or with dampening.</exception>
    /// <exception cref="ArgumentNullException">A momentum factor and no momentum buffer.</exception>
    public static void Step(
        float* parameter, float* gradient, float* momentum, nint count,
        double learningRate, double momentumFactor = 0, double dampening = 0, double weightDecay = 0, bool nesterov = false)
    {
        Check(momentum, count, learningRate, momentumFactor, dampening, weightDecay, nesterov);
        SgdLoop.Run(parameter, gradient, momentum, count, new SgdLoop.Coefficients(
            (float)learningRate, (float)momentumFactor, (float)(1 - dampening), (float)weightDecay, nesterov, FirstStep: false));
    }

    /// <summary>The first step, which fills the momentum buffer with the undamped direction. For the parameters see
    /// <see cref="Step"/>; the momentum buffer is only written.</summary>
    /// <inheritdoc cref="Step"/>
    public static void FirstStep(
        float* parameter, float* gradient, float* momentum, nint count,
        double learningRate, double momentumFactor = 0, double dampening = 0, double weightDecay = 0, bool nesterov = false)
    {
        Check(momentum, count, learningRate, momentumFactor, dampening, weightDecay, nesterov);
        SgdLoop.Run(parameter, gradient, momentum, count, new SgdLoop.Coefficients(
            (float)learningRate, (float)momentumFactor, (float)(1 - dampening), (float)weightDecay, nesterov, FirstStep: true));
    }

    private static void Check(
        float* momentum, nint count,
        double learningRate, double momentumFactor, double dampening, double weightDecay, bool nesterov)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        NotNegative(learningRate, nameof(learningRate));
        NotNegative(momentumFactor, nameof(momentumFactor));
        NotNegative(weightDecay, nameof(weightDecay));
        if (nesterov && (momentumFactor == 0 || dampening != 0))
            throw new ArgumentException(
                "Nesterov momentum needs a momentum factor above 0 and a dampening of 0.", nameof(nesterov));
        if (momentumFactor != 0 && momentum is null && count > 0) throw new ArgumentNullException(nameof(momentum));
    }

    private static void NotNegative(double value, string name)
    {
        if (!(value >= 0)) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be 0 or more.");
    }
}

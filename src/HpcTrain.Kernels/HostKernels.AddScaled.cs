using HpcTrain.Kernels.Loops;

namespace HpcTrain.Kernels;

public static unsafe partial class HostKernels
{
    /// <summary>destination[i] = destination[i] + factor * source[i] in f32; the product is rounded before the sum, so the bits are the same on every machine.</summary>
    /// <param name="destination"><paramref name="count"/> elements, read and written.</param>
    /// <param name="source"><paramref name="count"/> elements; must not overlap the destination.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <param name="factor">The factor, rounded to f32.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public static void AddScaled(float* destination, float* source, nint count, double factor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);

        // A step down a slope without momentum, at a rate of the other sign, is this sum.
        SgdLoop.Run(destination, source, null, count, new(-(float)factor, 0, 1, 0, Nesterov: false, FirstStep: false));
    }
}

using System.Runtime.Intrinsics;

namespace HpcTrain.Kernels;

public static unsafe partial class HostKernels
{
    /// <summary>
    /// The sum of squares, added up in f64 in one order on every machine: 16 partial sums, of each 16th element, and then these from first to last. Infinity stays
    /// what it is, and any NaN makes it one.
    /// </summary>
    /// <param name="source"><paramref name="count"/> elements.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public static double SumOfSquares(float* source, nint count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Vector512<double> low = Vector512<double>.Zero, high = Vector512<double>.Zero;
        nint i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            (Vector512<double> first, Vector512<double> second) = Vector512.Widen(Vector512.Load(source + i));
            low += first * first;
            high += second * second;
        }

        double* sums = stackalloc double[Vector512<float>.Count];
        low.Store(sums);
        high.Store(sums + Vector512<double>.Count);
        for (nint lane = 0; i < count; i++, lane++)
            sums[lane] += (double)source[i] * source[i];
        double sum = 0;
        for (int lane = 0; lane < Vector512<float>.Count; lane++)
            sum += sums[lane];
        return double.IsNaN(sum) ? double.NaN : sum; // which of several NaNs comes through is the hardware's choice
    }
}

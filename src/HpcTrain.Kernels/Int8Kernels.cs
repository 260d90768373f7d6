using HpcTrain.Kernels.Loops;

namespace HpcTrain.Kernels;

/// <summary>
/// f32 as 8-bit integers with one scale for each block of 256 elements: scale = max|x| / 127, code = x / scale, rounded up or down at random so that the
/// expected value is x (stochastic rounding, as QSGD: Alistarh et al., NeurIPS 2017, section 3). An element takes 1 + 4/256 bytes, and is off by less than
/// a scale. The bits depend on nothing but the arguments.
/// </summary>
/// <remarks>
/// A block with a NaN or an infinity has a NaN for a scale, and so is all NaN afterwards. A block whose largest element is below 127/max(f32), 4e-37, becomes zero.
/// The caller owns the memory; calls allocate nothing, and may run on any number of threads on separate memory.
/// </remarks>
public static unsafe class Int8Kernels
{
    /// <summary>Elements with one scale.</summary>
    public const int BlockElements = 256;

    /// <summary>The number of blocks, and so of scales, of an array: the last one may be shorter.</summary>
    public static nint Blocks(nint count) => (count + BlockElements - 1) / BlockElements;

    /// <summary>Makes codes and scales of an array.</summary>
    /// <param name="source"><paramref name="count"/> elements.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="scales"><see cref="Blocks"/> scales, written.</param>
    /// <param name="codes"><paramref name="count"/> codes, written: from -127 to 127.</param>
    /// <param name="key">The stream of random numbers.</param>
    /// <param name="firstNumber">The number in the stream for the first element; the others take those after it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public static void Quantize(float* source, nint count, float* scales, sbyte* codes, RoundingKey key, uint firstNumber = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Int8Loop.Quantize(source, count, scales, codes, key, firstNumber);
    }

    /// <summary>destination[i] = code[i] * scale of its block.</summary>
    /// <param name="scales"><see cref="Blocks"/> scales.</param>
    /// <param name="codes"><paramref name="count"/> codes.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="destination"><paramref name="count"/> elements, written.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public static void Dequantize(float* scales, sbyte* codes, nint count, float* destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Int8Loop.Dequantize(scales, codes, count, destination, adds: false);
    }

    /// <summary>destination[i] += code[i] * scale of its block; the product is rounded to f32 before it is added.</summary>
    /// <param name="scales"><see cref="Blocks"/> scales.</param>
    /// <param name="codes"><paramref name="count"/> codes.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="destination"><paramref name="count"/> elements, read and written.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public static void AddDequantized(float* scales, sbyte* codes, nint count, float* destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Int8Loop.Dequantize(scales, codes, count, destination, adds: true);
    }
}

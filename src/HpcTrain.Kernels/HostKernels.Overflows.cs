using System.Numerics;
using System.Runtime.Intrinsics;

namespace HpcTrain.Kernels;

public static unsafe partial class HostKernels
{
    // The least f32, as bits, that rounds to infinity: half a unit above the largest finite value, where the tie goes to the even neighbour, infinity.
    private const uint Float16Overflow = 0x477F_F000, BFloat16Overflow = 0x7F7F_8000, Infinity = 0x7F80_0000, Magnitude = 0x7FFF_FFFF;

    /// <summary>Counts the finite elements that <see cref="Cast"/> turns into infinities.</summary>
    /// <param name="to">F16 or BF16.</param>
    /// <param name="source"><paramref name="count"/> elements.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another type, or a negative count.</exception>
    public static nint CountOverflows(ElementType to, float* source, nint count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        uint least = to switch
        {
            ElementType.F16 => Float16Overflow,
            ElementType.BF16 => BFloat16Overflow,
            _ => throw new ArgumentOutOfRangeException(nameof(to), to, "Only f16 and bf16 have less range than f32."),
        };

        // Magnitudes order as their bits do, so one unsigned comparison tells whether they are between the least and infinity.
        uint width = Infinity - least;
        uint* bits = (uint*)source;
        nint overflows = 0, i = 0;
        for (; i <= count - Vector512<uint>.Count; i += Vector512<uint>.Count)
        {
            Vector512<uint> above = (Vector512.Load(bits + i) & Vector512.Create(Magnitude)) - Vector512.Create(least);
            overflows += BitOperations.PopCount(Vector512.LessThan(above, Vector512.Create(width)).ExtractMostSignificantBits());
        }
        for (; i < count; i++)
            if ((bits[i] & Magnitude) - least < width) overflows++;
        return overflows;
    }
}

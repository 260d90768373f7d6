using System.Runtime.CompilerServices;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Formats;

/// <summary>
/// bfloat16 to f32 and back, in 32-bit lanes. A bfloat16 is the upper half of an f32, so widening is a shift. Rounding adds just
/// under half a unit of the kept part, plus one when its last bit is odd: a tie then carries only into an odd number, which makes
/// it even. The carry runs into the exponent as it must, up to infinity. A NaN would run over as well, so it is cut instead,
/// with the quiet bit set in case that its payload was in the lost half.
/// </summary>
internal static class BFloat16Bits
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TFloats Widen<TBits, TUInts, TSimd, TFloats>(TUInts words)
        where TBits : ISimd<TUInts, uint> where TUInts : unmanaged
        where TSimd : ISimd<TFloats, float> where TFloats : unmanaged =>
        Unsafe.BitCast<TUInts, TFloats>(TBits.ShiftLeft(words, 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TUInts Narrow<TBits, TUInts, TSimd, TFloats>(TFloats value)
        where TBits : ISimd<TUInts, uint> where TUInts : unmanaged
        where TSimd : ISimd<TFloats, float> where TFloats : unmanaged
    {
        TUInts bits = Unsafe.BitCast<TFloats, TUInts>(value);
        TUInts odd = TBits.And(TBits.ShiftRight(bits, 16), TBits.Create(1));
        TUInts rounded = TBits.Add(bits, TBits.Add(odd, TBits.Create(0x7fff)));
        TUInts quiet = TBits.Or(bits, TBits.Create(0x0040_0000));
        TUInts isNumber = Unsafe.BitCast<TFloats, TUInts>(TSimd.Equal(value, value));
        return TBits.ShiftRight(TBits.Select(isNumber, rounded, quiet), 16);
    }
}

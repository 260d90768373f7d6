using System.Runtime.CompilerServices;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Formats;

/// <summary>
/// IEEE binary16 to f32 and back, in 32-bit lanes; .NET has no intrinsic for F16C.
/// Widening moves exponent and fraction 13 bits up and adds the difference of the biases, 112, to the exponent; once more for
/// infinities and NaNs, whose exponent must become 255. A subnormal has no hidden one: it is read as 2^-14 + fraction, and 2^-14
/// is subtracted. Narrowing a normal number rounds as for bfloat16, 13 bits below, and carries up to infinity by itself. A number
/// below 2^-14 is added to 0.5, whose unit in the last place is that of the binary16 subnormals, 2^-24: the adder rounds.
/// The trick is known from Fabian Giesen's notes on half floats; no operand of a multiplication is subnormal, which some cores do
/// slowly.
/// </summary>
internal static class Float16Bits
{
    private const uint FloatSign = 0x8000_0000;
    private const uint FloatInfinity = 0x7f80_0000;
    private const uint RebiasedExponent = 112u << 23;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TFloats Widen<TBits, TUInts, TSimd, TFloats>(TUInts words)
        where TBits : ISimd<TUInts, uint> where TUInts : unmanaged
        where TSimd : ISimd<TFloats, float> where TFloats : unmanaged
    {
        TUInts sign = TBits.ShiftLeft(TBits.And(words, TBits.Create(0x8000)), 16);
        TUInts magnitude = TBits.ShiftLeft(TBits.And(words, TBits.Create(0x7fff)), 13);
        TUInts exponent = TBits.And(magnitude, TBits.Create(0x7c00u << 13));
        TUInts normal = TBits.Add(magnitude, TBits.Create(RebiasedExponent));
        TUInts special = TBits.Or(magnitude, TBits.Create(FloatInfinity));

        TUInts smallest = TBits.Create(113u << 23);
        TUInts subnormal = Unsafe.BitCast<TFloats, TUInts>(TSimd.Subtract(
            Unsafe.BitCast<TUInts, TFloats>(TBits.Or(magnitude, smallest)), Unsafe.BitCast<TUInts, TFloats>(smallest)));

        TUInts result = TBits.Select(TBits.Equal(exponent, TBits.Create(0)), subnormal, normal);
        result = TBits.Select(TBits.Equal(exponent, TBits.Create(0x7c00u << 13)), special, result);
        return Unsafe.BitCast<TUInts, TFloats>(TBits.Or(result, sign));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TUInts Narrow<TBits, TUInts, TSimd, TFloats>(TFloats value)
        where TBits : ISimd<TUInts, uint> where TUInts : unmanaged
        where TSimd : ISimd<TFloats, float> where TFloats : unmanaged
    {
        TUInts bits = Unsafe.BitCast<TFloats, TUInts>(value);
        TUInts sign = TBits.ShiftRight(TBits.And(bits, TBits.Create(FloatSign)), 16);
        TUInts magnitude = TBits.And(bits, TBits.Create(~FloatSign));

        TUInts odd = TBits.And(TBits.ShiftRight(magnitude, 13), TBits.Create(1));
        TUInts normal = TBits.ShiftRight(
            TBits.Add(TBits.Subtract(magnitude, TBits.Create(RebiasedExponent)), TBits.Add(odd, TBits.Create(0xfff))), 13);

        TUInts half = TBits.Create(126u << 23);
        TUInts subnormal = TBits.Subtract(Unsafe.BitCast<TFloats, TUInts>(TSimd.Add(
            Unsafe.BitCast<TUInts, TFloats>(magnitude), Unsafe.BitCast<TUInts, TFloats>(half))), half);

        // Beyond 65519.99.. everything is infinite; NaNs keep the upper part of their payload and become quiet.
        TUInts nan = TBits.Or(TBits.And(TBits.ShiftRight(magnitude, 13), TBits.Create(0x3ff)), TBits.Create(0x7e00));

        TUInts result = TBits.Select(TBits.Greater(TBits.Create(113u << 23), magnitude), subnormal, normal);
        result = TBits.Select(TBits.Greater(magnitude, TBits.Create((143u << 23) - 1)), TBits.Create(0x7c00), result);
        result = TBits.Select(TBits.Greater(magnitude, TBits.Create(FloatInfinity)), nan, result);
        return TBits.Or(result, sign);
    }
}

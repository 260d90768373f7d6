using System.Numerics;

namespace HpcTrain.Kernels.Tests.Reference;

/// <summary>
/// The number systems of <see cref="ElementType"/> by definition rather than by bit tricks: elements are decoded and rounded with
/// exact arithmetic in f64 or big integers. Slow, and independent of the code under test.
/// </summary>
internal static class Element
{
    /// <summary>The exact value of a 16-bit float.</summary>
    public static double Decode(ElementType type, ushort bits)
    {
        (int fractionBits, int bias) = Layout(type);
        int exponentBits = 15 - fractionBits;
        int exponent = (bits >> fractionBits) & ((1 << exponentBits) - 1);
        int fraction = bits & ((1 << fractionBits) - 1);
        double magnitude = exponent == (1 << exponentBits) - 1
            ? fraction != 0 ? double.NaN : double.PositiveInfinity
            : exponent == 0
                ? Math.ScaleB(fraction, 1 - bias - fractionBits)
                : Math.ScaleB(fraction + (1 << fractionBits), exponent - bias - fractionBits);
        return (bits & 0x8000) != 0 ? -magnitude : magnitude;
    }

    /// <summary>The 16-bit float nearest to a value, ties to even; NaN becomes the positive quiet NaN without payload.</summary>
    public static ushort Encode(ElementType type, double value)
    {
        (int fractionBits, int bias) = Layout(type);
        int infinity = (0x7fff >> fractionBits) << fractionBits;
        if (double.IsNaN(value)) return (ushort)(infinity | (1 << (fractionBits - 1)));
        int sign = double.IsNegative(value) ? 0x8000 : 0;
        value = Math.Abs(value);
        if (value == 0) return (ushort)sign;
        if (double.IsInfinity(value)) return (ushort)(sign | infinity);

        int exponent = Math.Max(Math.ILogB(value), 1 - bias);
        double units = Math.Round(Math.ScaleB(value, fractionBits - exponent), MidpointRounding.ToEven);
        // A subnormal has fewer units than the hidden one is worth; a round-up to the next power of two carries by itself.
        int bits = ((exponent + bias - 1) << fractionBits) + (int)units;
        return (ushort)(sign | Math.Min(bits, infinity));
    }

    /// <summary>The 16-bit float nearest to an integer of any size, ties to even.</summary>
    public static ushort Encode(ElementType type, BigInteger value)
    {
        // Everything beyond 40 significant bits becomes one sticky bit, so that the rest is exact in f64.
        BigInteger magnitude = BigInteger.Abs(value);
        int excess = Math.Max(0, (int)magnitude.GetBitLength() - 40);
        BigInteger kept = magnitude >> excess;
        bool inexact = kept << excess != magnitude;
        double exact = Math.ScaleB((double)((kept << 1) + (inexact ? 1 : 0)), excess - 1);
        return Encode(type, value.Sign < 0 ? -exact : exact);
    }

    private static (int FractionBits, int Bias) Layout(ElementType type) => type switch
    {
        ElementType.F16 => (10, 15),
        ElementType.BF16 => (7, 127),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}

using System.Numerics;

namespace HpcTrain.Kernels.Tests.Reference;

/// <summary>
/// Casts of single elements, as <see cref="HostKernels.Cast"/> defines them: an integer is a <see cref="BigInteger"/> and a float
/// an f64, both exact, and the target is rounded, wrapped or limited from there.
/// </summary>
internal static class ScalarCast
{
    /// <summary>The bits of the element after the cast; a NaN as <see cref="Canonical"/> has it.</summary>
    public static ulong Cast(GuardedArray source, int index, ElementType to)
    {
        if (source.Type.IsFloatingPoint())
        {
            double value = Float(source, index);
            return to.IsFloatingPoint() ? FromDouble(to, value) : Limit(to, value);
        }
        BigInteger integer = Integer(source, index);
        return to switch
        {
            ElementType.F32 => BitConverter.SingleToUInt32Bits(NearestSingle(integer)),
            ElementType.F64 => BitConverter.DoubleToUInt64Bits(NearestDouble(integer)),
            ElementType.F16 or ElementType.BF16 => Element.Encode(to, integer),
            _ => (ulong)(integer & ((BigInteger.One << (to.SizeInBytes() * 8)) - 1)),
        };
    }

    /// <summary>The bits of a float of this type, rounded once; the positive quiet NaN for any NaN.</summary>
    public static ulong FromDouble(ElementType to, double value) => to switch
    {
        ElementType.F32 => double.IsNaN(value) ? 0x7fc00000 : BitConverter.SingleToUInt32Bits((float)value),
        ElementType.F64 => double.IsNaN(value) ? 0x7ff8000000000000 : BitConverter.DoubleToUInt64Bits(value),
        _ => Element.Encode(to, value),
    };

    /// <summary>The bits of an element with every NaN replaced by the one that <see cref="Cast"/> gives.</summary>
    public static ulong Canonical(GuardedArray array, int index) =>
        array.Type.IsFloatingPoint() && double.IsNaN(Float(array, index))
            ? FromDouble(array.Type, double.NaN)
            : ScalarReduction.Bits(array, index);

    /// <summary>The exact value of a float.</summary>
    public static double Float(GuardedArray array, int index) => array.Type switch
    {
        ElementType.F32 => array.Of<float>()[index],
        ElementType.F64 => array.Of<double>()[index],
        _ => Element.Decode(array.Type, array.Of<ushort>()[index]),
    };

    /// <summary>The value of an integer.</summary>
    public static BigInteger Integer(GuardedArray array, int index) => array.Type switch
    {
        ElementType.I8 => array.Of<sbyte>()[index],
        ElementType.U8 => array.Of<byte>()[index],
        ElementType.I16 => array.Of<short>()[index],
        ElementType.U16 => array.Of<ushort>()[index],
        ElementType.I32 => array.Of<int>()[index],
        ElementType.U32 => array.Of<uint>()[index],
        ElementType.I64 => array.Of<long>()[index],
        _ => array.Of<ulong>()[index],
    };

    /// <summary>Cuts toward zero and limits to the range of the integer type; NaN becomes 0.</summary>
    public static ulong Limit(ElementType to, double value)
    {
        if (double.IsNaN(value)) return 0;
        int bits = to.SizeInBytes() * 8;
        bool signed = to is ElementType.I8 or ElementType.I16 or ElementType.I32 or ElementType.I64;
        BigInteger most = (BigInteger.One << (signed ? bits - 1 : bits)) - 1;
        BigInteger least = signed ? -most - 1 : 0;
        BigInteger integer = double.IsInfinity(value) ? (value > 0 ? most : least) : new BigInteger(Math.Truncate(value));
        integer = BigInteger.Max(least, BigInteger.Min(most, integer));
        return (ulong)(integer & ((BigInteger.One << bits) - 1));
    }

    // A sticky bit stands for everything below the 40th (60th) significant bit: the conversion that follows rounds once.
    private static float NearestSingle(BigInteger value)
    {
        BigInteger magnitude = BigInteger.Abs(value);
        int excess = Math.Max(0, (int)magnitude.GetBitLength() - 40);
        BigInteger kept = magnitude >> excess;
        double exact = Math.ScaleB((double)(ulong)((kept << 1) + (kept << excess != magnitude ? 1 : 0)), excess - 1);
        return (float)(value.Sign < 0 ? -exact : exact);
    }

    /// <summary>The f64 nearest to an integer, ties to even.</summary>
    public static double NearestDouble(BigInteger value)
    {
        BigInteger magnitude = BigInteger.Abs(value);
        int excess = Math.Max(0, (int)magnitude.GetBitLength() - 53);
        BigInteger kept = magnitude >> excess;
        BigInteger rest = magnitude - (kept << excess);
        BigInteger half = excess == 0 ? 1 : BigInteger.One << (excess - 1);
        if (rest > half || (rest == half && !kept.IsEven)) kept++;
        double nearest = Math.ScaleB((double)(ulong)kept, excess);
        return value.Sign < 0 ? -nearest : nearest;
    }
}

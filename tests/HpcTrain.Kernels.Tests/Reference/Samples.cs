namespace HpcTrain.Kernels.Tests.Reference;

/// <summary>Arrays of ordinary and of awkward elements, the same for the same seed.</summary>
internal static class Samples
{
    /// <summary>
    /// A third of ordinary numbers (floats of moderate size), a third of any bits (so NaNs with payload, subnormals and huge
    /// numbers), and a third of the special values of the type.
    /// </summary>
    public static GuardedArray Mixed(ElementType type, int count, int offset, int seed)
    {
        var random = new Random(seed);
        var array = new GuardedArray(type, count, offset);
        ulong[] special = Special(type);
        for (int i = 0; i < count; i++)
        {
            Set(array, i, random.Next(3) switch
            {
                0 => Ordinary(type, random),
                1 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
                _ => special[random.Next(special.Length)],
            });
        }
        return array;
    }

    /// <summary>Writes the low bits of a number as one element.</summary>
    public static void Set(GuardedArray array, int index, ulong bits)
    {
        switch (array.Type.SizeInBytes())
        {
            case 1: array.Of<byte>()[index] = (byte)bits; break;
            case 2: array.Of<ushort>()[index] = (ushort)bits; break;
            case 4: array.Of<uint>()[index] = (uint)bits; break;
            default: array.Of<ulong>()[index] = bits; break;
        }
    }

    /// <summary>Zeros, ones, extremes, subnormals, infinities and NaNs, as bits.</summary>
    public static ulong[] Special(ElementType type) => type switch
    {
        ElementType.F32 => Floats(23, 8),
        ElementType.F64 => Floats(52, 11),
        ElementType.F16 => Floats(10, 5),
        ElementType.BF16 => Floats(7, 8),
        _ => Integers(type.SizeInBytes() * 8),
    };

    private static ulong[] Floats(int fractionBits, int exponentBits)
    {
        ulong sign = 1ul << (fractionBits + exponentBits);
        ulong infinity = ((1ul << exponentBits) - 1) << fractionBits;
        ulong one = ((1ul << (exponentBits - 1)) - 1) << fractionBits;
        ulong smallestNormal = 1ul << fractionBits;
        ulong quiet = 1ul << (fractionBits - 1);
        ulong[] positive =
        [
            0, 1, 2, 3, smallestNormal - 1, smallestNormal, smallestNormal + 1, one - 1, one, one + 1, one + quiet,
            infinity - 1, infinity, infinity | quiet, infinity | 1, infinity | quiet | 1, sign - 1,
        ];
        return [.. positive, .. positive.Select(bits => bits | sign)];
    }

    private static ulong[] Integers(int bits)
    {
        ulong sign = 1ul << (bits - 1);
        return [0, 1, 2, 3, sign - 1, sign, sign + 1, ulong.MaxValue, ulong.MaxValue - 1];
    }

    private static ulong Ordinary(ElementType type, Random random)
    {
        double value = (random.NextDouble() - 0.5) * 20;
        return type switch
        {
            ElementType.F32 => BitConverter.SingleToUInt32Bits((float)value),
            ElementType.F64 => BitConverter.DoubleToUInt64Bits(value),
            ElementType.F16 or ElementType.BF16 => Element.Encode(type, value),
            _ => (ulong)(long)value,
        };
    }
}

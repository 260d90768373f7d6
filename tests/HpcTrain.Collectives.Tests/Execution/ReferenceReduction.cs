using System.Numerics;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>
/// Buffers of every element type as bytes, random contributions, and an independent scalar reduction of them, in rank order, in f64 or in
/// 64-bit integers.
/// </summary>
internal static class ReferenceReduction
{
    public static readonly ElementType[] Types = Enum.GetValues<ElementType>();

    /// <summary>The operations that are defined for a type.</summary>
    public static ReduceOp[] OpsFor(ElementType type) => [.. ReduceOps.All.Where(op => op.IsDefinedFor(type))];

    private static bool IsFloat(ElementType type) => type <= ElementType.BF16;

    /// <summary>A rank's contribution. Floats are small multiples of 1/8, so that sums of a few are exact in every type but bf16.</summary>
    public static byte[] Contribution(ElementType type, int count, int seed)
    {
        var random = new Random(seed);
        int size = type.SizeInBytes();
        var bytes = new byte[count * size];
        if (!IsFloat(type))
        {
            random.NextBytes(bytes);
            return bytes;
        }

        for (int i = 0; i < count; i++)
            Write(type, bytes, i, random.Next(-16, 17) / 8.0);
        return bytes;
    }

    /// <summary>Holds one element of a result against the reduction of all contributions.</summary>
    public static void Check(ElementType type, ReduceOp op, byte[][] contributions, byte[] result, int element, string what)
    {
        if (!IsFloat(type))
        {
            Assert.That(Integer(type, result, element), Is.EqualTo(ReduceIntegers(type, op, contributions, element)), $"{what}, element {element}");
            return;
        }

        // The contributions are exact in every type; what remains is the rounding of sums, products and quotients.
        double precision = type switch
        {
            ElementType.F16 => 1.0 / 1024,
            ElementType.BF16 => 1.0 / 128,
            ElementType.F32 => 1e-6,
            _ => 1e-14,
        };
        double value = ReduceFloats(type, op, contributions, element);
        Assert.That(Read(type, result, element), Is.EqualTo(value).Within((Math.Abs(value) * precision) + 1e-7), $"{what}, element {element}");
    }

    private static double ReduceFloats(ElementType type, ReduceOp op, byte[][] contributions, int element)
    {
        IEnumerable<double> values = contributions.Select(bytes => Read(type, bytes, element));
        return op switch
        {
            ReduceOp.Sum or ReduceOp.PreMulSum => values.Sum(),
            ReduceOp.Prod => values.Aggregate(1.0, (a, b) => a * b),
            ReduceOp.Min => values.Min(),
            ReduceOp.Max => values.Max(),
            _ => values.Sum() / contributions.Length,
        };
    }

    private static BigInteger ReduceIntegers(ElementType type, ReduceOp op, byte[][] contributions, int element)
    {
        BigInteger[] values = [.. contributions.Select(bytes => Integer(type, bytes, element))];
        return op switch
        {
            ReduceOp.Sum or ReduceOp.PreMulSum => Wrap(type, values.Aggregate(BigInteger.Zero, (a, b) => a + b)),
            ReduceOp.Prod => Wrap(type, values.Aggregate(BigInteger.One, (a, b) => a * b)),
            ReduceOp.Min => values.Min(),
            ReduceOp.Max => values.Max(),
            ReduceOp.BitAnd => values.Aggregate((a, b) => a & b),
            ReduceOp.BitOr => values.Aggregate((a, b) => a | b),
            ReduceOp.BitXor => values.Aggregate((a, b) => a ^ b),
            _ => BigInteger.Divide(Wrap(type, values.Aggregate(BigInteger.Zero, (a, b) => a + b)), contributions.Length),
        };
    }

    private static double Read(ElementType type, byte[] bytes, int element) => type switch
    {
        ElementType.F32 => BitConverter.ToSingle(bytes, element * 4),
        ElementType.F64 => BitConverter.ToDouble(bytes, element * 8),
        ElementType.F16 => (double)BitConverter.ToHalf(bytes, element * 2),
        ElementType.BF16 => BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(bytes, element * 2) << 16),
        _ => (double)Integer(type, bytes, element),
    };

    private static BigInteger Integer(ElementType type, byte[] bytes, int element)
    {
        int size = type.SizeInBytes();
        bool unsigned = type is ElementType.U8 or ElementType.U16 or ElementType.U32 or ElementType.U64;
        return new BigInteger(bytes.AsSpan(element * size, size), unsigned);
    }

    private static BigInteger Wrap(ElementType type, BigInteger value)
    {
        int bits = type.SizeInBytes() * 8;
        BigInteger modulus = BigInteger.One << bits;
        BigInteger low = ((value % modulus) + modulus) % modulus;
        bool signed = type is ElementType.I8 or ElementType.I16 or ElementType.I32 or ElementType.I64;
        return signed && low >= modulus / 2 ? low - modulus : low;
    }

    private static void Write(ElementType type, byte[] bytes, int element, double value)
    {
        int size = type.SizeInBytes();
        Span<byte> at = bytes.AsSpan(element * size, size);
        switch (type)
        {
            case ElementType.F32: BitConverter.TryWriteBytes(at, (float)value); break;
            case ElementType.F64: BitConverter.TryWriteBytes(at, value); break;
            case ElementType.F16: BitConverter.TryWriteBytes(at, (Half)value); break;

            // Multiples of 1/8 up to 2 have few enough bits for the upper half of an f32 to hold them exactly.
            default: BitConverter.TryWriteBytes(at, (ushort)(BitConverter.SingleToInt32Bits((float)value) >> 16)); break;
        }
    }
}

using System.Numerics;

namespace HpcTrain.Kernels.Tests.Reference;

/// <summary>Reductions of single elements, as <see cref="ReduceOp"/> defines them, in plain scalar arithmetic.</summary>
internal static class ScalarReduction
{
    /// <summary>Folds element <paramref name="index"/> of the sources from left to right and returns its bits.</summary>
    public static ulong Fold(ElementType type, ReduceOp op, IReadOnlyList<GuardedArray> sources, int index) => type switch
    {
        ElementType.F32 => BitConverter.SingleToUInt32Bits(Canonical(Fold(op, sources, s => s.Of<float>()[index]))),
        ElementType.F64 => BitConverter.DoubleToUInt64Bits(Canonical(Fold(op, sources, s => s.Of<double>()[index]))),
        ElementType.F16 or ElementType.BF16 =>
            Element.Encode(type, Fold(op, sources, s => (float)Element.Decode(type, s.Of<ushort>()[index]))),
        ElementType.I8 => (byte)FoldIntegers(op, sources, s => s.Of<sbyte>()[index]),
        ElementType.U8 => FoldIntegers(op, sources, s => s.Of<byte>()[index]),
        ElementType.I16 => (ushort)FoldIntegers(op, sources, s => s.Of<short>()[index]),
        ElementType.U16 => FoldIntegers(op, sources, s => s.Of<ushort>()[index]),
        ElementType.I32 => (uint)FoldIntegers(op, sources, s => s.Of<int>()[index]),
        ElementType.U32 => FoldIntegers(op, sources, s => s.Of<uint>()[index]),
        ElementType.I64 => (ulong)FoldIntegers(op, sources, s => s.Of<long>()[index]),
        ElementType.U64 => FoldIntegers(op, sources, s => s.Of<ulong>()[index]),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The bits of one element, zero-extended.</summary>
    public static ulong Bits(GuardedArray array, int index) => array.Type.SizeInBytes() switch
    {
        1 => array.Of<byte>()[index],
        2 => array.Of<ushort>()[index],
        4 => array.Of<uint>()[index],
        _ => array.Of<ulong>()[index],
    };

    private static T FoldIntegers<T>(ReduceOp op, IReadOnlyList<GuardedArray> sources, Func<GuardedArray, T> element)
        where T : IBinaryInteger<T> => op switch
        {
            ReduceOp.BitAnd => sources.Select(element).Aggregate((a, b) => a & b),
            ReduceOp.BitOr => sources.Select(element).Aggregate((a, b) => a | b),
            ReduceOp.BitXor => sources.Select(element).Aggregate((a, b) => a ^ b),
            _ => Fold(op, sources, element),
        };

    private static T Fold<T>(ReduceOp op, IReadOnlyList<GuardedArray> sources, Func<GuardedArray, T> element) where T : INumber<T>
    {
        T result = element(sources[0]);
        for (int s = 1; s < sources.Count; s++)
        {
            T next = element(sources[s]);
            result = op switch
            {
                ReduceOp.Sum or ReduceOp.Avg or ReduceOp.PreMulSum => unchecked(result + next),
                ReduceOp.Prod => unchecked(result * next),
                ReduceOp.Min => Less(next, result) ? next : result,
                ReduceOp.Max => Less(result, next) ? next : result,
                _ => throw new ArgumentOutOfRangeException(nameof(op)),
            };
            if (op is ReduceOp.Min or ReduceOp.Max && T.IsNaN(next)) result = next;
        }
        return result;
    }

    // Of two zeros the negative one is less. A NaN is never less, and nothing is less than it, so it stays.
    private static bool Less<T>(T left, T right) where T : INumber<T> =>
        left < right || (T.IsZero(left) && T.IsZero(right) && T.IsNegative(left) && !T.IsNegative(right));

    private static float Canonical(float value) => float.IsNaN(value) ? BitConverter.UInt32BitsToSingle(0x7fc00000) : value;

    private static double Canonical(double value) =>
        double.IsNaN(value) ? BitConverter.UInt64BitsToDouble(0x7ff8000000000000) : value;
}

using System.Numerics;

namespace HpcTrain.Kernels.Tests.Reference;

/// <summary>Scaling and averages of single elements, as <see cref="HostKernels"/> defines them, as bits.</summary>
internal static class ScalarMap
{
    /// <summary>The element times a factor.</summary>
    public static ulong Scaled(GuardedArray array, int index, double factor) => array.Type switch
    {
        ElementType.F64 => ScalarCast.FromDouble(ElementType.F64, array.Of<double>()[index] * factor),
        ElementType.F32 or ElementType.F16 or ElementType.BF16 =>
            ScalarCast.FromDouble(array.Type, (float)ScalarCast.Float(array, index) * (float)factor),
        _ => ScalarCast.Limit(array.Type, ScalarCast.NearestDouble(ScalarCast.Integer(array, index)) * factor),
    };

    /// <summary>The element divided by a number of ranks.</summary>
    public static ulong Average(GuardedArray array, int index, int ranks)
    {
        if (array.Type == ElementType.F64) return ScalarCast.FromDouble(ElementType.F64, array.Of<double>()[index] / ranks);
        if (array.Type.IsFloatingPoint())
            return ScalarCast.FromDouble(array.Type, (float)ScalarCast.Float(array, index) / ranks);
        BigInteger quotient = BigInteger.Divide(ScalarCast.Integer(array, index), ranks);
        return (ulong)(quotient & ((BigInteger.One << (array.Type.SizeInBytes() * 8)) - 1));
    }
}

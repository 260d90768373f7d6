using ILGPU;

namespace HpcTrain.Kernels.Gpu.Formats;

/// <summary>
/// Bit work on f32 and f64. Conversions are left to the hardware where it is bound to IEEE 754; NaNs are taken apart by hand, because a
/// processor keeps their payload and a GPU does not, and unsigned 64-bit integers are converted as signed ones, because not every
/// back end rounds them once.
/// </summary>
internal static class FloatBits
{
    public const uint SingleNaN = 0x7fc0_0000, SingleInfinity = 0x7f80_0000, SingleSign = 0x8000_0000;
    public const ulong DoubleNaN = 0x7ff8_0000_0000_0000, DoubleInfinity = 0x7ff0_0000_0000_0000, DoubleSign = 0x8000_0000_0000_0000;
    private const ulong TopBit = 1ul << 63;

    public static bool IsNaN(float value) => (Interop.FloatAsInt(value) & ~SingleSign) > SingleInfinity;

    public static bool IsNaN(double value) => (Interop.FloatAsInt(value) & ~DoubleSign) > DoubleInfinity;

    public static float Canonical(float value) => IsNaN(value) ? Interop.IntAsFloat(SingleNaN) : value;

    public static double Canonical(double value) => IsNaN(value) ? Interop.IntAsFloat(DoubleNaN) : value;

    public static double ToDouble(float value)
    {
        if (!IsNaN(value)) return value;
        ulong bits = Interop.FloatAsInt(value);
        return Interop.IntAsFloat(((bits & SingleSign) << 32) | DoubleNaN | ((bits & 0x3f_ffff) << 29));
    }

    public static float ToSingle(double value)
    {
        if (!IsNaN(value)) return (float)value;
        ulong bits = Interop.FloatAsInt(value);
        return Interop.IntAsFloat(((uint)(bits >> 32) & SingleSign) | SingleNaN | ((uint)(bits >> 29) & 0x3f_ffff));
    }

    /// <summary>Above 2^63, half of it with the lost bit kept as a sticky one is rounded, and doubled in the exponent.</summary>
    public static float ToSingle(ulong value) => value < TopBit
        ? (float)(long)value
        : Interop.IntAsFloat(Interop.FloatAsInt((float)(long)((value >> 1) | (value & 1))) + (1u << 23));

    /// <inheritdoc cref="ToSingle(ulong)"/>
    public static double ToDouble(ulong value) => value < TopBit
        ? (double)(long)value
        : Interop.IntAsFloat(Interop.FloatAsInt((double)(long)((value >> 1) | (value & 1))) + (1ul << 52));
}

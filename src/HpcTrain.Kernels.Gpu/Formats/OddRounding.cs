using ILGPU;

namespace HpcTrain.Kernels.Gpu.Formats;

/// <summary>
/// Conversion to f32 with rounding to odd, so that a second rounding, to 16 bits, gives what one rounding would have given: the way of
/// HostKernels, element by element.
/// </summary>
internal static class OddRounding
{
    public static float ToSingle(double value)
    {
        float nearest = FloatBits.ToSingle(value);
        uint bits = Interop.FloatAsInt(nearest);
        if (FloatBits.IsNaN(value) || nearest == value || (bits & 1) == 1) return nearest;
        ulong magnitude = Interop.FloatAsInt(value) & ~FloatBits.DoubleSign;
        ulong rounded = Interop.FloatAsInt((double)nearest) & ~FloatBits.DoubleSign;
        return Interop.IntAsFloat(rounded > magnitude ? bits - 1 : bits + 1);
    }

    public static float ToSingle(long value)
    {
        float magnitude = ToSingle(value < 0 ? (ulong)-value : (ulong)value);
        return value < 0 ? Interop.IntAsFloat(Interop.FloatAsInt(magnitude) | FloatBits.SingleSign) : magnitude;
    }

    // Twelve low bits cut, the lowest kept one set if any of them was: 52 bits, exact in f64.
    public static float ToSingle(ulong value)
    {
        ulong kept = value >> 52 == 0 ? value : (value >> 12 << 12) | ((value & 0xfff) != 0 ? 0x1000ul : 0);
        return ToSingle(FloatBits.ToDouble(kept));
    }
}

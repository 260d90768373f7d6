using ILGPU;

namespace HpcTrain.Kernels.Gpu.Formats;

/// <summary>Floats to integers: cut toward zero, limited to a range, NaN becoming 0. Nothing is left to the hardware's own limits, which
/// differ.</summary>
internal static class Limits
{
    public static long ToInteger(double value, long least, long most)
    {
        if (FloatBits.IsNaN(value)) return 0;
        if (value <= least) return least;
        // The largest long is no f64: as one it is 2^63, from which on it is the limit.
        return value >= most ? most : (long)value;
    }

    public static ulong ToUnsigned(double value)
    {
        if (FloatBits.IsNaN(value) || value <= 0) return 0;
        if (value < 9223372036854775808.0) return (ulong)(long)value;
        if (value >= 18446744073709551616.0) return ulong.MaxValue;
        // From 2^63 to 2^64 the significand is the integer, eleven places up.
        return ((Interop.FloatAsInt(value) & 0xf_ffff_ffff_ffff) | 0x10_0000_0000_0000) << 11;
    }
}

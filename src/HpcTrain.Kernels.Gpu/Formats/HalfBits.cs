using ILGPU;

namespace HpcTrain.Kernels.Gpu.Formats;

/// <summary>
/// f16 and bf16 to f32 and back, in integer arithmetic only. So there is no addition here that a compiler for a GPU could contract with a
/// multiplication before it, as it could where HostKernels lets the adder round subnormals.
/// </summary>
internal static class HalfBits
{
    public static float WidenFloat16(ushort stored)
    {
        uint sign = (stored & 0x8000u) << 16;
        uint exponent = (uint)stored >> 10 & 0x1f;
        uint fraction = stored & 0x3ffu;
        if (exponent == 31) return Interop.IntAsFloat(sign | FloatBits.SingleInfinity | (fraction << 13));
        if (exponent != 0) return Interop.IntAsFloat(sign | ((exponent + 112) << 23) | (fraction << 13));
        // A subnormal is its fraction times 2^-24: converted exactly, then 24 less in the exponent.
        return Interop.IntAsFloat(fraction == 0 ? sign : sign | (Interop.FloatAsInt((float)(int)fraction) - (24u << 23)));
    }

    public static ushort NarrowFloat16(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint sign = (bits >> 16) & 0x8000;
        uint magnitude = bits & ~FloatBits.SingleSign;
        if (magnitude > FloatBits.SingleInfinity) return (ushort)(sign | 0x7e00 | ((magnitude >> 13) & 0x3ff));
        if (magnitude >= 143u << 23) return (ushort)(sign | 0x7c00);
        if (magnitude >= 113u << 23) return (ushort)(sign | ((magnitude - (112u << 23) + 0xfff + ((magnitude >> 13) & 1)) >> 13));

        // In units of 2^-24, the subnormals' last place, the significand is shifted right; beyond 24 places not even half a unit is left.
        int shift = 126 - (int)(magnitude >> 23);
        if (shift > 24) return (ushort)sign;
        uint significand = (magnitude & 0x7f_ffff) | 0x80_0000;
        uint units = significand >> shift;
        uint rest = significand & ((1u << shift) - 1);
        uint half = 1u << (shift - 1);
        if (rest > half || (rest == half && (units & 1) == 1)) units++;
        return (ushort)(sign | units);
    }

    public static float WidenBFloat16(ushort stored) => Interop.IntAsFloat((uint)stored << 16);

    public static ushort NarrowBFloat16(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        return FloatBits.IsNaN(value)
            ? (ushort)((bits | 0x0040_0000) >> 16)
            : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}

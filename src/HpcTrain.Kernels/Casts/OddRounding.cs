namespace HpcTrain.Kernels.Casts;

/// <summary>
/// Conversion to f32 with rounding to odd: an inexact result is whichever of the two neighbouring values has an odd last bit. The
/// odd bit remembers that something was cut off, so a following rounding to nearest in at least two bits fewer is the rounding of
/// the original value (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
/// </summary>
internal static unsafe class OddRounding
{
    public static void ToSingles(ElementType from, void* source, float* destination, nint count)
    {
        switch (from)
        {
            case ElementType.F64:
                for (nint i = 0; i < count; i++) destination[i] = ToSingle(((double*)source)[i]);
                break;
            case ElementType.I32:
                for (nint i = 0; i < count; i++) destination[i] = ToSingle((double)((int*)source)[i]);
                break;
            case ElementType.U32:
                for (nint i = 0; i < count; i++) destination[i] = ToSingle((double)((uint*)source)[i]);
                break;
            case ElementType.I64:
                for (nint i = 0; i < count; i++) destination[i] = ToSingle(((long*)source)[i]);
                break;
            case ElementType.U64:
                for (nint i = 0; i < count; i++) destination[i] = ToSingle(((ulong*)source)[i]);
                break;
            default:
                // The 8- and 16-bit integers are exact in f32.
                PlainCast.Run(from, source, ElementType.F32, destination, count);
                break;
        }
    }

    private static float ToSingle(double value)
    {
        float nearest = (float)value;
        uint bits = BitConverter.SingleToUInt32Bits(nearest);
        if (nearest == value || double.IsNaN(value) || (bits & 1) == 1) return nearest;
        bool tooLarge = double.Abs(nearest) > double.Abs(value);
        return BitConverter.UInt32BitsToSingle(tooLarge ? bits - 1 : bits + 1);
    }

    private static float ToSingle(long value)
    {
        float magnitude = ToSingle(value < 0 ? (ulong)-value : (ulong)value);
        return value < 0 ? -magnitude : magnitude;
    }

    // Twelve low bits cut, the lowest kept one set if any of them was: 52 bits, exact in f64.
    private static float ToSingle(ulong value) =>
        ToSingle(value >> 52 == 0 ? (double)value : (double)((value >> 12 << 12) | ((value & 0xfff) != 0 ? 0x1000ul : 0)));
}

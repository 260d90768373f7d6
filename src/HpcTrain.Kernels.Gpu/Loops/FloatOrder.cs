using HpcTrain.Kernels.Gpu.Formats;
using ILGPU;

namespace HpcTrain.Kernels.Gpu.Loops;

/// <summary>
/// The order of floats in which -0 is less than +0, by integers: the bits of a positive float grow with it, those of a negative one shrink, so
/// they are turned over. GPUs have minima of their own, which disagree about NaNs and zeros.
/// </summary>
internal static class FloatOrder
{
    public static int Key(float value)
    {
        int bits = (int)Interop.FloatAsInt(value);
        return bits ^ ((bits >> 31) & 0x7fff_ffff);
    }

    public static long Key(double value)
    {
        long bits = (long)Interop.FloatAsInt(value);
        return bits ^ ((bits >> 63) & 0x7fff_ffff_ffff_ffff);
    }

    /// <summary>Whether an extreme is its left operand: when that is a NaN, or it wins and the right one is none.</summary>
    public static bool Takes(float left, bool wins, float right) => FloatBits.IsNaN(left) || (wins && !FloatBits.IsNaN(right));

    /// <inheritdoc cref="Takes(float, bool, float)"/>
    public static bool Takes(double left, bool wins, double right) => FloatBits.IsNaN(left) || (wins && !FloatBits.IsNaN(right));
}

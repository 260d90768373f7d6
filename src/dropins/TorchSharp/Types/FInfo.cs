namespace TorchSharp;

public static partial class torch
{
    public struct FInfo
    {
        public int bits;
        public double eps;
        public double max;
        public double min;
        public double tiny;
        public double smallest_normal;
        public double resolution;
    }

    public static FInfo finfo() => finfo(get_default_dtype());

    public static FInfo finfo(ScalarType dtype)
    {
        // A complex type has its parts' precision.
        switch (dtype)
        {
            case ScalarType.Float16:
                return Describe(16, mantissa: 10, largestExponent: 15, decimals: 3);
            case ScalarType.BFloat16:
                return Describe(16, mantissa: 7, largestExponent: 127, decimals: 2);
            case ScalarType.Float32 or ScalarType.ComplexFloat32:
                return Describe(32, mantissa: 23, largestExponent: 127, decimals: 6);
            case ScalarType.Float64 or ScalarType.ComplexFloat64:
                return Describe(64, mantissa: 52, largestExponent: 1023, decimals: 15);
            default:
                throw new ArgumentException("'dtype' must be floating point or complex");
        }
    }

    private static FInfo Describe(int bits, int mantissa, int largestExponent, int decimals)
    {
        var largest = (2 - Math.ScaleB(1, -mantissa)) * Math.ScaleB(1, largestExponent);
        var smallest = Math.ScaleB(1, 1 - largestExponent);
        return new FInfo
        {
            bits = bits,
            eps = Math.ScaleB(1, -mantissa),
            max = largest,
            min = -largest,
            tiny = smallest,
            smallest_normal = smallest,
            resolution = Math.Pow(10, -decimals),
        };
    }
}

using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Checking;

/// <summary>A floating-point type as the reference sees it: how to read and write an element, and how precise it is.</summary>
internal unsafe interface IFloatFormat
{
    /// <summary>Bits of the significand, with the leading one.</summary>
    static abstract int Precision { get; }

    static abstract int Size { get; }

    static abstract double Read(void* from, long index);

    /// <summary>Writes a value, rounded to the type.</summary>
    static abstract void Write(void* to, long index, double value);
}

internal readonly unsafe struct F32Format : IFloatFormat
{
    public static int Precision => 24;

    public static int Size => sizeof(float);

    public static double Read(void* from, long index) => ((float*)from)[index];

    public static void Write(void* to, long index, double value) => ((float*)to)[index] = (float)value;
}

internal readonly unsafe struct F64Format : IFloatFormat
{
    public static int Precision => 53;

    public static int Size => sizeof(double);

    public static double Read(void* from, long index) => ((double*)from)[index];

    public static void Write(void* to, long index, double value) => ((double*)to)[index] = value;
}

internal readonly unsafe struct F16Format : IFloatFormat
{
    public static int Precision => 11;

    public static int Size => sizeof(ushort);

    public static double Read(void* from, long index) => (double)((Half*)from)[index];

    public static void Write(void* to, long index, double value) => ((Half*)to)[index] = (Half)value;
}

internal readonly unsafe struct BF16Format : IFloatFormat
{
    public static int Precision => 8;

    public static int Size => sizeof(ushort);

    public static double Read(void* from, long index) => BitConverter.UInt32BitsToSingle((uint)((ushort*)from)[index] << 16);

    public static void Write(void* to, long index, double value) => ((ushort*)to)[index] = ((BFloat16)(float)value).Bits;
}

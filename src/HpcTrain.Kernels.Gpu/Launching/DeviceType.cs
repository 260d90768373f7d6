using HpcTrain.Kernels.Gpu.Formats;

namespace HpcTrain.Kernels.Gpu.Launching;

/// <summary>The .NET types that stand for an element type in a kernel.</summary>
/// <param name="Stored">The element in memory.</param>
/// <param name="Lane">What it is reduced in.</param>
/// <param name="Wide">What it is cast through.</param>
/// <param name="Format">Its formats.</param>
internal sealed record DeviceType(Type Stored, Type Lane, Type Wide, Type Format)
{
    // In the order of the enumeration.
    private static readonly DeviceType[] All =
    [
        new(typeof(float), typeof(float), typeof(float), typeof(Float32Format)),
        new(typeof(double), typeof(double), typeof(double), typeof(Float64Format)),
        new(typeof(ushort), typeof(float), typeof(float), typeof(Float16Format)),
        new(typeof(ushort), typeof(float), typeof(float), typeof(BFloat16Format)),
        new(typeof(sbyte), typeof(int), typeof(long), typeof(Int8Format)),
        new(typeof(byte), typeof(uint), typeof(long), typeof(UInt8Format)),
        new(typeof(short), typeof(int), typeof(long), typeof(Int16Format)),
        new(typeof(ushort), typeof(uint), typeof(long), typeof(UInt16Format)),
        new(typeof(int), typeof(int), typeof(long), typeof(Int32Format)),
        new(typeof(uint), typeof(uint), typeof(long), typeof(UInt32Format)),
        new(typeof(long), typeof(long), typeof(long), typeof(Int64Format)),
        new(typeof(ulong), typeof(ulong), typeof(ulong), typeof(UInt64Format)),
    ];

    /// <summary>The types behind an element type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no member of the enumeration.</exception>
    public static DeviceType Of(ElementType type)
    {
        _ = type.SizeInBytes();
        return All[(int)type];
    }
}

using System.Runtime.InteropServices;
using HpcTrain.Kernels;

namespace HpcTrain.Data;

/// <summary>The array of one field in one slot.</summary>
internal sealed class BatchField(string name, ElementType type, IReadOnlyList<long> sampleShape, int capacity)
{
    public string Name => name;

    public ElementType Type => type;

    public int ElementsPerSample { get; } = Elements(sampleShape);

    public Array Array { get; } = Allocate(type, checked(capacity * Elements(sampleShape)));

    public long[] Shape { get; } = [0, .. sampleShape];

    /// <summary>The bytes of one sample's place in the array.</summary>
    public Span<byte> Sample(int index)
    {
        var bytes = ElementsPerSample * type.SizeInBytes();
        // The array is a vector of unmanaged elements with room for capacity samples; index is below capacity.
        return MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(Array), Array.Length * type.SizeInBytes())
            .Slice(index * bytes, bytes);
    }

    private static int Elements(IReadOnlyList<long> shape) => (int)shape.Aggregate(1L, (product, extent) => product * extent);

    private static Array Allocate(ElementType type, int elements) => type switch
    {
        ElementType.F32 => Pinned<float>(elements),
        ElementType.F64 => Pinned<double>(elements),
        ElementType.F16 => Pinned<Half>(elements),
        ElementType.BF16 => Pinned<BFloat16>(elements),
        ElementType.I8 => Pinned<sbyte>(elements),
        ElementType.U8 => Pinned<byte>(elements),
        ElementType.I16 => Pinned<short>(elements),
        ElementType.U16 => Pinned<ushort>(elements),
        ElementType.I32 => Pinned<int>(elements),
        ElementType.U32 => Pinned<uint>(elements),
        ElementType.I64 => Pinned<long>(elements),
        ElementType.U64 => Pinned<ulong>(elements),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };

    private static T[] Pinned<T>(int elements) => GC.AllocateArray<T>(elements, pinned: true);
}

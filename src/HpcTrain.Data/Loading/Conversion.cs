using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Loading;

/// <summary>
/// out = (To)(in * scale + offset) for the elements of one sample. Bytes to floats, the usual case for images, is one pass; the
/// other pairs go through the casts of HpcTrain.Kernels, with the arithmetic in f32 for results of up to 32 floating bits and
/// in f64 otherwise. Product and sum are rounded one after the other in every path, so all give the same bits.
/// </summary>
internal sealed unsafe class Conversion
{
    private readonly ElementType from;
    private readonly ElementType to;
    private readonly double scale;
    private readonly double offset;
    private readonly byte[] scratch;

    public Conversion(ElementType from, ElementType to, double scale, double offset, int elements)
    {
        this.from = from;
        this.to = to;
        this.scale = scale;
        this.offset = offset;
        var plain = scale == 1 && offset == 0;
        IsCopy = plain && from == to;
        IsCast = plain && from != to;
        var needsScratch = !plain && to is not (ElementType.F32 or ElementType.F64);
        scratch = needsScratch ? new byte[elements * Wide.SizeInBytes()] : [];
    }

    private bool IsCopy { get; }

    private bool IsCast { get; }

    // The type of the arithmetic.
    private ElementType Wide => to is ElementType.F32 or ElementType.F16 or ElementType.BF16 ? ElementType.F32 : ElementType.F64;

    /// <summary>Converts one sample; source and destination hold the same number of elements.</summary>
    public void Run(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (IsCopy)
            source.CopyTo(destination);
        else if (from == ElementType.U8 && to == ElementType.F32)
            BytesToFloats(source, MemoryMarshal.Cast<byte, float>(destination), (float)scale, (float)offset);
        else if (IsCast)
            Cast(from, source, to, destination);
        else if (scratch.Length == 0)
            CastAndMap(source, destination);
        else
        {
            CastAndMap(source, scratch);
            Cast(Wide, scratch, to, destination);
        }
    }

    private void CastAndMap(ReadOnlySpan<byte> source, Span<byte> wide)
    {
        Cast(from, source, Wide, wide);
        if (Wide == ElementType.F32)
            Map(MemoryMarshal.Cast<byte, float>(wide), (float)scale, (float)offset);
        else
            Map(MemoryMarshal.Cast<byte, double>(wide), scale, offset);
    }

    private static void Map<T>(Span<T> values, T scale, T offset) where T : unmanaged, System.Numerics.INumber<T>
    {
        TensorPrimitives.Multiply(values, scale, values);
        TensorPrimitives.Add(values, offset, values);
    }

    private static void Cast(ElementType from, ReadOnlySpan<byte> source, ElementType to, Span<byte> destination)
    {
        // Both spans hold count elements of their types.
        fixed (byte* input = source)
        fixed (byte* output = destination)
            HostKernels.Cast(from, input, to, output, source.Length / from.SizeInBytes());
    }

    private static void BytesToFloats(ReadOnlySpan<byte> source, Span<float> destination, float scale, float offset)
    {
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            // 16 bytes become two vectors of 8 floats; the last whole 16 end at or before the end of both spans.
            var scales = Vector256.Create(scale);
            var offsets = Vector256.Create(offset);
            ref var input = ref MemoryMarshal.GetReference(source);
            ref var output = ref MemoryMarshal.GetReference(destination);
            for (; i <= source.Length - 16; i += 16)
            {
                var words = Vector256.WidenLower(Vector128.LoadUnsafe(ref input, (nuint)i).ToVector256Unsafe());
                var (low, high) = Vector256.Widen(words);
                (Vector256.ConvertToSingle(low.AsInt32()) * scales + offsets).StoreUnsafe(ref output, (nuint)i);
                (Vector256.ConvertToSingle(high.AsInt32()) * scales + offsets).StoreUnsafe(ref output, (nuint)i + 8);
            }
        }
        for (; i < source.Length; i++)
            destination[i] = source[i] * scale + offset;
    }
}

using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HpcTrain.Kernels.Casts;
using HpcTrain.Kernels.Formats;
using HpcTrain.Kernels.Loops;

namespace HpcTrain.Kernels;

public static unsafe partial class HostKernels
{
    private const int BlockElements = 1024;
    private const int MaxSpan = 1 << 30;

    /// <summary>
    /// destination[i] = (to)source[i]. Into a float: one rounding to nearest even, from any type, infinities and subnormals kept,
    /// a NaN kept as a quiet NaN with its sign. Between integers: the low bits. From a float to an integer: cut toward zero,
    /// limited to the range of the integer, NaN becomes 0. Equal types: a copy of the bytes.
    /// </summary>
    /// <param name="from">The type of the source.</param>
    /// <param name="source"><paramref name="count"/> elements.</param>
    /// <param name="to">The type of the destination.</param>
    /// <param name="destination"><paramref name="count"/> elements, written. May be <paramref name="source"/> itself if both
    /// types have the same size, and must not overlap it otherwise.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type, or a negative count.</exception>
    public static void Cast(ElementType from, void* source, ElementType to, void* destination, nint count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        CastKernel.Run(from, source, to, destination, count);
    }

    /// <summary>data[i] = data[i] * factor, as <see cref="Scale(ElementType, void*, void*, nint, double)"/> does it.</summary>
    /// <param name="type">The type of the array.</param>
    /// <param name="data"><paramref name="count"/> elements, read and written.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <param name="factor">The factor.</param>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type, or a negative count.</exception>
    public static void Scale(ElementType type, void* data, nint count, double factor) => Scale(type, data, data, count, factor);

    /// <summary>
    /// destination[i] = source[i] * factor. f32, f16 and bf16 multiply by the factor rounded to f32, in f32; f64 in f64; integers in
    /// f64, cut toward zero and limited to their range, so that 64-bit integers beyond 2^53 are rounded before they are scaled.
    /// </summary>
    /// <param name="type">The type of both arrays.</param>
    /// <param name="destination"><paramref name="count"/> elements, written.</param>
    /// <param name="source"><paramref name="count"/> elements; may be <paramref name="destination"/> itself, and must not overlap it
    /// otherwise.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <param name="factor">The factor.</param>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type, or a negative count.</exception>
    public static void Scale(ElementType type, void* destination, void* source, nint count, double factor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        switch (type)
        {
            case ElementType.F32:
                Map<MultiplyMap<float>, PlainFormat<float>, float, float>(new((float)factor), destination, source, count);
                break;
            case ElementType.F64:
                Map<MultiplyMap<double>, PlainFormat<double>, double, double>(new(factor), destination, source, count);
                break;
            case ElementType.F16:
                Map<MultiplyMap<float>, Float16Format, Half, float>(new((float)factor), destination, source, count);
                break;
            case ElementType.BF16:
                Map<MultiplyMap<float>, BFloat16Format, BFloat16, float>(new((float)factor), destination, source, count);
                break;
            default:
                ScaleIntegers(type, (byte*)destination, (byte*)source, count, factor);
                break;
        }
    }

    /// <summary>
    /// data[i] = data[i] / ranks, which turns a sum over ranks into their average. Floats divide (they do not multiply by a
    /// rounded reciprocal), f16 and bf16 in f32; integers divide toward zero.
    /// </summary>
    /// <param name="type">The type of the array.</param>
    /// <param name="data"><paramref name="count"/> elements, read and written.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <param name="ranks">How many contributions the sums have; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type, a negative count, or ranks below 1.</exception>
    public static void FinishAverage(ElementType type, void* data, nint count, int ranks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        switch (type)
        {
            case ElementType.F32:
                Map<DivideMap<float>, PlainFormat<float>, float, float>(new(ranks), data, data, count);
                break;
            case ElementType.F64:
                Map<DivideMap<double>, PlainFormat<double>, double, double>(new(ranks), data, data, count);
                break;
            case ElementType.F16:
                Map<DivideMap<float>, Float16Format, Half, float>(new(ranks), data, data, count);
                break;
            case ElementType.BF16:
                Map<DivideMap<float>, BFloat16Format, BFloat16, float>(new(ranks), data, data, count);
                break;
            case ElementType.I32: Divide((int*)data, count, ranks); break;
            case ElementType.U32: Divide((uint*)data, count, (uint)ranks); break;
            case ElementType.I64: Divide((long*)data, count, ranks); break;
            case ElementType.U64: Divide((ulong*)data, count, (ulong)ranks); break;
            default: DivideSmallIntegers(type, (byte*)data, count, ranks); break;
        }
    }

    /// <summary>
    /// destination[i] = (to)(source[i] / ranks): the average and the last rounding of a reduction of f16 or bf16 whose sums are
    /// in f32, in one pass.
    /// </summary>
    /// <param name="source"><paramref name="count"/> sums.</param>
    /// <param name="to">F32, F16 or BF16.</param>
    /// <param name="destination"><paramref name="count"/> elements, written. Must not overlap the source, unless it is the same
    /// f32 array.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <param name="ranks">How many contributions the sums have; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another destination type, a negative count, or ranks below 1.</exception>
    public static void FinishAverage(float* source, ElementType to, void* destination, nint count, int ranks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        var divide = new DivideMap<float>(ranks);
        switch (to)
        {
            case ElementType.F32:
                MapLoop.Run<DivideMap<float>, PlainFormat<float>, PlainFormat<float>, float, float, float>(
                    divide, (float*)destination, source, count);
                break;
            case ElementType.F16:
                MapLoop.Run<DivideMap<float>, Float16Format, PlainFormat<float>, Half, float, float>(
                    divide, (Half*)destination, source, count);
                break;
            case ElementType.BF16:
                MapLoop.Run<DivideMap<float>, BFloat16Format, PlainFormat<float>, BFloat16, float, float>(
                    divide, (BFloat16*)destination, source, count);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(to), to,
                    $"Only f32, f16 and bf16 have sums in f32, not {to.Name()}.");
        }
    }

    /// <summary>data[i] = (type)value, converted as <see cref="Cast"/> converts an f64.</summary>
    /// <param name="type">The type of the array.</param>
    /// <param name="data"><paramref name="count"/> elements, written.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type, or a negative count.</exception>
    public static void Fill(ElementType type, void* data, nint count, double value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ulong element;
        CastKernel.Run(ElementType.F64, &value, type, &element, 1);
        switch (type.SizeInBytes())
        {
            case 1: Fill((byte*)data, count, *(byte*)&element); break;
            case 2: Fill((ushort*)data, count, *(ushort*)&element); break;
            case 4: Fill((uint*)data, count, *(uint*)&element); break;
            default: Fill((ulong*)data, count, element); break;
        }
    }

    /// <summary>Sets bytes to zero, which is the value 0 in every element type.</summary>
    /// <param name="data"><paramref name="bytes"/> bytes, written.</param>
    /// <param name="bytes">The number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public static void Zero(void* data, nint bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        NativeMemory.Clear(data, (nuint)bytes);
    }

    private static void Map<TMap, TFormat, T, TLane>(TMap map, void* destination, void* source, nint count)
        where TMap : IMap<TLane> where TFormat : IElementFormat<TLane, T> where T : unmanaged where TLane : unmanaged =>
        MapLoop.Run<TMap, TFormat, TFormat, T, T, TLane>(map, (T*)destination, (T*)source, count);

    [SkipLocalsInit]
    private static void ScaleIntegers(ElementType type, byte* destination, byte* source, nint count, double factor)
    {
        double* block = stackalloc double[BlockElements];
        int size = type.SizeInBytes();
        for (nint i = 0; i < count; i += BlockElements)
        {
            nint length = nint.Min(BlockElements, count - i);
            CastKernel.Run(type, source + i * size, ElementType.F64, block, length);
            Map<MultiplyMap<double>, PlainFormat<double>, double, double>(new(factor), block, block, length);
            CastKernel.Run(ElementType.F64, block, type, destination + i * size, length);
        }
    }

    // In i32, because the number of ranks need not fit into the small type.
    [SkipLocalsInit]
    private static void DivideSmallIntegers(ElementType type, byte* data, nint count, int ranks)
    {
        int* block = stackalloc int[BlockElements];
        int size = type.SizeInBytes();
        for (nint i = 0; i < count; i += BlockElements)
        {
            nint length = nint.Min(BlockElements, count - i);
            CastKernel.Run(type, data + i * size, ElementType.I32, block, length);
            Divide(block, length, ranks);
            CastKernel.Run(ElementType.I32, block, type, data + i * size, length);
        }
    }

    private static void Divide<T>(T* data, nint count, T divisor) where T : unmanaged, IDivisionOperators<T, T, T>
    {
        for (nint i = 0; i < count; i += MaxSpan)
        {
            var part = MemoryMarshal.CreateSpan(ref data[i], (int)nint.Min(MaxSpan, count - i));
            TensorPrimitives.Divide(part, divisor, part);
        }
    }

    private static void Fill<T>(T* data, nint count, T value) where T : unmanaged
    {
        for (nint i = 0; i < count; i += MaxSpan)
            MemoryMarshal.CreateSpan(ref data[i], (int)nint.Min(MaxSpan, count - i)).Fill(value);
    }
}

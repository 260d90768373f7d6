using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace HpcTrain.Kernels.Casts;

/// <summary>
/// Casts between f32, f64 and the integers, by TensorPrimitives: into a float rounded to nearest even, between integers by
/// keeping the low bits, from a float to an integer cut toward zero and limited to the integer's range, NaN becoming 0.
/// </summary>
internal static unsafe class PlainCast
{
    private const int MaxSpan = 1 << 30;

    public static void Run(ElementType from, void* source, ElementType to, void* destination, nint count)
    {
        switch (from)
        {
            case ElementType.F32: From((float*)source, to, destination, count); break;
            case ElementType.F64: From((double*)source, to, destination, count); break;
            case ElementType.I8: From((sbyte*)source, to, destination, count); break;
            case ElementType.U8: From((byte*)source, to, destination, count); break;
            case ElementType.I16: From((short*)source, to, destination, count); break;
            case ElementType.U16: From((ushort*)source, to, destination, count); break;
            case ElementType.I32: From((int*)source, to, destination, count); break;
            case ElementType.U32: From((uint*)source, to, destination, count); break;
            case ElementType.I64: From((long*)source, to, destination, count); break;
            case ElementType.U64: From((ulong*)source, to, destination, count); break;
            default: throw ElementTypes.Unknown(from);
        }
    }

    private static void From<TFrom>(TFrom* source, ElementType to, void* destination, nint count)
        where TFrom : unmanaged, INumberBase<TFrom>
    {
        switch (to)
        {
            case ElementType.F32: Convert(source, (float*)destination, count); break;
            case ElementType.F64: Convert(source, (double*)destination, count); break;
            case ElementType.I8: Convert(source, (sbyte*)destination, count); break;
            case ElementType.U8: Convert(source, (byte*)destination, count); break;
            case ElementType.I16: Convert(source, (short*)destination, count); break;
            case ElementType.U16: Convert(source, (ushort*)destination, count); break;
            case ElementType.I32: Convert(source, (int*)destination, count); break;
            case ElementType.U32: Convert(source, (uint*)destination, count); break;
            case ElementType.I64: Convert(source, (long*)destination, count); break;
            case ElementType.U64: Convert(source, (ulong*)destination, count); break;
            default: throw ElementTypes.Unknown(to);
        }
    }

    private static void Convert<TFrom, TTo>(TFrom* source, TTo* destination, nint count)
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo>
    {
        for (nint i = 0; i < count; i += MaxSpan)
        {
            int length = (int)nint.Min(MaxSpan, count - i);
            var input = MemoryMarshal.CreateReadOnlySpan(ref source[i], length);
            var output = MemoryMarshal.CreateSpan(ref destination[i], length);
            if (typeof(TFrom) == typeof(float) || typeof(TFrom) == typeof(double))
                TensorPrimitives.ConvertSaturating(input, output);
            else
                TensorPrimitives.ConvertTruncating(input, output);
        }
    }
}

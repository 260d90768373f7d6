using System.Runtime.CompilerServices;
using HpcTrain.Kernels.Formats;
using HpcTrain.Kernels.Loops;

namespace HpcTrain.Kernels.Casts;

/// <summary>
/// Routes a cast. Between f32, f16 and bf16 one loop does it in registers. What else touches a 16-bit float goes by blocks
/// through f32 on the stack: out of f16 and bf16 the widening is exact; into them the f32 is rounded to odd
/// (<see cref="OddRounding"/>), so that the second rounding gives what one rounding would have given.
/// All other pairs are <see cref="PlainCast"/>.
/// </summary>
internal static unsafe class CastKernel
{
    private const int BlockElements = 1024;

    public static void Run(ElementType from, void* source, ElementType to, void* destination, nint count)
    {
        bool fromSingleLanes = from is ElementType.F32 or ElementType.F16 or ElementType.BF16;
        bool toSingleLanes = to is ElementType.F32 or ElementType.F16 or ElementType.BF16;
        if (from == to)
            Buffer.MemoryCopy(source, destination, count * from.SizeInBytes(), count * from.SizeInBytes());
        else if (fromSingleLanes && toSingleLanes)
            InSingleLanes(from, source, to, destination, count);
        else if (from is ElementType.F16 or ElementType.BF16 || to is ElementType.F16 or ElementType.BF16)
            ThroughSingles(from, (byte*)source, to, (byte*)destination, count);
        else
            PlainCast.Run(from, source, to, destination, count);
    }

    private static void InSingleLanes(ElementType from, void* source, ElementType to, void* destination, nint count)
    {
        switch (from, to)
        {
            case (ElementType.F16, ElementType.F32):
                Change<PlainFormat<float>, Float16Format, float, Half>(destination, source, count);
                break;
            case (ElementType.BF16, ElementType.F32):
                Change<PlainFormat<float>, BFloat16Format, float, BFloat16>(destination, source, count);
                break;
            case (ElementType.F32, ElementType.F16):
                Change<Float16Format, PlainFormat<float>, Half, float>(destination, source, count);
                break;
            case (ElementType.F32, ElementType.BF16):
                Change<BFloat16Format, PlainFormat<float>, BFloat16, float>(destination, source, count);
                break;
            case (ElementType.BF16, ElementType.F16):
                Change<Float16Format, BFloat16Format, Half, BFloat16>(destination, source, count);
                break;
            default:
                Change<BFloat16Format, Float16Format, BFloat16, Half>(destination, source, count);
                break;
        }
    }

    private static void Change<TDestinationFormat, TSourceFormat, TDestination, TSource>(
        void* destination, void* source, nint count)
        where TDestinationFormat : IElementFormat<float, TDestination>
        where TSourceFormat : IElementFormat<float, TSource>
        where TDestination : unmanaged where TSource : unmanaged =>
        MapLoop.Run<IdentityMap<float>, TDestinationFormat, TSourceFormat, TDestination, TSource, float>(
            default, (TDestination*)destination, (TSource*)source, count);

    [SkipLocalsInit]
    private static void ThroughSingles(ElementType from, byte* source, ElementType to, byte* destination, nint count)
    {
        float* block = stackalloc float[BlockElements];
        int sourceBytes = from.SizeInBytes(), destinationBytes = to.SizeInBytes();
        for (nint i = 0; i < count; i += BlockElements)
        {
            nint length = nint.Min(BlockElements, count - i);
            if (from is ElementType.F16 or ElementType.BF16)
            {
                InSingleLanes(from, source + i * sourceBytes, ElementType.F32, block, length);
                PlainCast.Run(ElementType.F32, block, to, destination + i * destinationBytes, length);
            }
            else
            {
                OddRounding.ToSingles(from, source + i * sourceBytes, block, length);
                InSingleLanes(ElementType.F32, block, to, destination + i * destinationBytes, length);
            }
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels.Formats;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Loops;

/// <summary>
/// destination[i] = map(source[i]), with a change of format on the way: conversions, scaling and division are this one loop.
/// Blocks and tail are as in <see cref="ReduceLoop"/>; a block is read before it is written, so source and destination may be the
/// same array when their elements have the same size.
/// </summary>
internal static unsafe class MapLoop
{
    /// <summary>Dispatches to the widest registers that the hardware runs at full speed.</summary>
    public static void Run<TMap, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
        TMap map, TDestination* destination, TSource* source, nint count)
        where TMap : IMap<TLane>
        where TDestinationFormat : IElementFormat<TLane, TDestination>
        where TSourceFormat : IElementFormat<TLane, TSource>
        where TDestination : unmanaged where TSource : unmanaged where TLane : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            Each<TMap, TDestinationFormat, TSourceFormat, TDestination, TSource, Simd512<TLane>, Vector512<TLane>, TLane>(
                map, destination, source, count);
        else if (Vector256.IsHardwareAccelerated)
            Each<TMap, TDestinationFormat, TSourceFormat, TDestination, TSource, Simd256<TLane>, Vector256<TLane>, TLane>(
                map, destination, source, count);
        else
            Each<TMap, TDestinationFormat, TSourceFormat, TDestination, TSource, Simd128<TLane>, Vector128<TLane>, TLane>(
                map, destination, source, count);
    }

    // Bounds: a block is entered only while step (or 4 x step) elements are left in both arrays.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void Each<TMap, TDestinationFormat, TSourceFormat, TDestination, TSource, TSimd, TVector, TLane>(
        TMap map, TDestination* destination, TSource* source, nint count)
        where TMap : IMap<TLane>
        where TDestinationFormat : IFormat<TVector, TDestination>
        where TSourceFormat : IFormat<TVector, TSource>
        where TSimd : ISimd<TVector, TLane>
        where TDestination : unmanaged where TSource : unmanaged where TVector : unmanaged where TLane : unmanaged
    {
        int step = TSimd.Count;
        nint i = 0;

        for (; i <= count - 4 * step; i += 4 * step)
        {
            TVector a0 = TSourceFormat.Load(source + i);
            TVector a1 = TSourceFormat.Load(source + i + step);
            TVector a2 = TSourceFormat.Load(source + i + 2 * step);
            TVector a3 = TSourceFormat.Load(source + i + 3 * step);
            TDestinationFormat.Store(map.Apply<TSimd, TVector>(a0), destination + i);
            TDestinationFormat.Store(map.Apply<TSimd, TVector>(a1), destination + i + step);
            TDestinationFormat.Store(map.Apply<TSimd, TVector>(a2), destination + i + 2 * step);
            TDestinationFormat.Store(map.Apply<TSimd, TVector>(a3), destination + i + 3 * step);
        }

        for (; i <= count - step; i += step)
            TDestinationFormat.Store(map.Apply<TSimd, TVector>(TSourceFormat.Load(source + i)), destination + i);

        int rest = (int)(count - i);
        if (rest == 0) return;
        byte* padded = stackalloc byte[Tail.MaxRegisterBytes];
        new Span<byte>(padded, Tail.MaxRegisterBytes).Clear();
        Tail.Copy(source + i, (TSource*)padded, rest);
        TDestinationFormat.Store(map.Apply<TSimd, TVector>(TSourceFormat.Load((TSource*)padded)), (TDestination*)padded);
        Tail.Copy((TDestination*)padded, destination + i, rest);
    }
}

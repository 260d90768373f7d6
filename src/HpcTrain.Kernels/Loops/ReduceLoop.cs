using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels.Formats;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Loops;

/// <summary>
/// Folds n sources, element by element: destination = ((s0 op s1) op s2) op ..., in the lanes of the format.
/// A block of four registers is carried through all sources before it is stored, so each source is read once and the
/// destination written once, whatever n is; and because a block is stored only after every source's block was read, the
/// destination may be one of the sources. The remainder goes one register at a time, and the last few elements in smaller
/// registers (<see cref="RestLoop"/>), or through a register's worth of copies on the stack where lanes are wider than elements: nothing outside the arrays is touched, and one code computes all, so no result
/// depends on where it lies in the array. NaNs become canonical as they are stored, because which payload survives an addition is
/// left to the order of operands, which compilers may swap.
/// </summary>
internal static unsafe class ReduceLoop
{
    /// <summary>Folds elements start .. start + length - 1, in the widest registers that the hardware runs at full
    /// speed.</summary>
    public static void Run<TOp, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
        TDestination* destination, TDestination* first, nint* others, int otherCount, nint start, nint length)
        where TOp : IOperation
        where TDestinationFormat : IElementFormat<TLane, TDestination>
        where TSourceFormat : IElementFormat<TLane, TSource>
        where TDestination : unmanaged where TSource : unmanaged where TLane : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            Fold<TOp, TDestinationFormat, TSourceFormat, TDestination, TSource, Simd512<TLane>, Vector512<TLane>, TLane>(
                destination, first, others, otherCount, start, length);
        else if (Vector256.IsHardwareAccelerated)
            Fold<TOp, TDestinationFormat, TSourceFormat, TDestination, TSource, Simd256<TLane>, Vector256<TLane>, TLane>(
                destination, first, others, otherCount, start, length);
        else
            Fold<TOp, TDestinationFormat, TSourceFormat, TDestination, TSource, Simd128<TLane>, Vector128<TLane>, TLane>(
                destination, first, others, otherCount, start, length);
    }

    // Bounds: a block is entered only while step (or 4 x step) elements are left in every array.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void Fold<TOp, TDestinationFormat, TSourceFormat, TDestination, TSource, TSimd, TVector, TLane>(
        TDestination* destination, TDestination* first, nint* others, int otherCount, nint start, nint length)
        where TOp : IOperation
        where TDestinationFormat : IFormat<TVector, TDestination>
        where TSourceFormat : IFormat<TVector, TSource>
        where TSimd : ISimd<TVector, TLane>
        where TDestination : unmanaged where TSource : unmanaged where TVector : unmanaged where TLane : unmanaged
    {
        int step = TSimd.Count;
        nint end = start + length;
        nint i = start;

        if (otherCount == 1)
        {
            // By far the commonest case, and the one where an inner loop of one turn would show.
            TSource* other = (TSource*)others[0];
            for (; i <= end - 4 * step; i += 4 * step)
            {
                TVector a0 = TOp.Apply<TSimd, TVector, TLane>(TDestinationFormat.Load(first + i), TSourceFormat.Load(other + i));
                TVector a1 = TOp.Apply<TSimd, TVector, TLane>(
                    TDestinationFormat.Load(first + i + step), TSourceFormat.Load(other + i + step));
                TVector a2 = TOp.Apply<TSimd, TVector, TLane>(
                    TDestinationFormat.Load(first + i + 2 * step), TSourceFormat.Load(other + i + 2 * step));
                TVector a3 = TOp.Apply<TSimd, TVector, TLane>(
                    TDestinationFormat.Load(first + i + 3 * step), TSourceFormat.Load(other + i + 3 * step));
                TDestinationFormat.Store(TSimd.CanonicalNaN(a0), destination + i);
                TDestinationFormat.Store(TSimd.CanonicalNaN(a1), destination + i + step);
                TDestinationFormat.Store(TSimd.CanonicalNaN(a2), destination + i + 2 * step);
                TDestinationFormat.Store(TSimd.CanonicalNaN(a3), destination + i + 3 * step);
            }
        }

        for (; i <= end - 4 * step; i += 4 * step)
        {
            TVector a0 = TDestinationFormat.Load(first + i);
            TVector a1 = TDestinationFormat.Load(first + i + step);
            TVector a2 = TDestinationFormat.Load(first + i + 2 * step);
            TVector a3 = TDestinationFormat.Load(first + i + 3 * step);
            for (int s = 0; s < otherCount; s++)
            {
                TSource* source = (TSource*)others[s] + i;
                a0 = TOp.Apply<TSimd, TVector, TLane>(a0, TSourceFormat.Load(source));
                a1 = TOp.Apply<TSimd, TVector, TLane>(a1, TSourceFormat.Load(source + step));
                a2 = TOp.Apply<TSimd, TVector, TLane>(a2, TSourceFormat.Load(source + 2 * step));
                a3 = TOp.Apply<TSimd, TVector, TLane>(a3, TSourceFormat.Load(source + 3 * step));
            }
            TDestinationFormat.Store(TSimd.CanonicalNaN(a0), destination + i);
            TDestinationFormat.Store(TSimd.CanonicalNaN(a1), destination + i + step);
            TDestinationFormat.Store(TSimd.CanonicalNaN(a2), destination + i + 2 * step);
            TDestinationFormat.Store(TSimd.CanonicalNaN(a3), destination + i + 3 * step);
        }

        for (; i <= end - step; i += step)
        {
            TVector a = TDestinationFormat.Load(first + i);
            for (int s = 0; s < otherCount; s++)
                a = TOp.Apply<TSimd, TVector, TLane>(a, TSourceFormat.Load((TSource*)others[s] + i));
            TDestinationFormat.Store(TSimd.CanonicalNaN(a), destination + i);
        }

        int rest = (int)(end - i);
        if (rest == 0) return;
        if (typeof(TDestination) == typeof(TLane) && typeof(TSource) == typeof(TLane))
        {
            RestLoop.Run<TOp, TLane>((byte*)(destination + i), (byte*)(first + i), others, otherCount, i * sizeof(TLane), rest * sizeof(TLane));
            return;
        }

        // A register of lanes is at most 64 bytes in memory, because no stored element is wider than its lane.
        byte* padded = stackalloc byte[Tail.MaxRegisterBytes];
        new Span<byte>(padded, Tail.MaxRegisterBytes).Clear();
        Tail.Copy(first + i, (TDestination*)padded, rest);
        TVector last = TDestinationFormat.Load((TDestination*)padded);
        for (int s = 0; s < otherCount; s++)
        {
            Tail.Copy((TSource*)others[s] + i, (TSource*)padded, rest);
            last = TOp.Apply<TSimd, TVector, TLane>(last, TSourceFormat.Load((TSource*)padded));
        }
        TDestinationFormat.Store(TSimd.CanonicalNaN(last), (TDestination*)padded);
        Tail.Copy((TDestination*)padded, destination + i, rest);
    }
}

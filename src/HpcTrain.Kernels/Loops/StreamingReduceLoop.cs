using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels.Formats;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Loops;

/// <summary>
/// The fold of <see cref="ReduceLoop"/> for a destination that is too large for the caches and is none of the sources. An
/// ordinary store would first read the line it is about to fill: n + 1 reads and one write. Streaming stores go past the caches,
/// and leave n reads and one write. They need an aligned destination: the elements before the first boundary, and those behind
/// the last whole block, are ReduceLoop's. A fence at the end makes the stores visible before whatever the caller writes next to
/// announce them.
/// </summary>
internal static unsafe class StreamingReduceLoop
{
    /// <summary>Whether streaming stores pay: much memory, and no source that is just being read anyway where the result
    /// goes.</summary>
    public static bool Pays(void* destination, void* first, nint* others, int otherCount, nint bytes)
    {
        if (bytes < StreamingCopy.MinBytes || destination == first || otherCount == 0) return false;
        return !new ReadOnlySpan<nint>(others, otherCount).Contains((nint)destination);
    }

    /// <summary>As <see cref="ReduceLoop"/> does it, with the same bits.</summary>
    public static void Run<TOp, T>(T* destination, T* first, nint* others, int otherCount, nint count)
        where TOp : IOperation where T : unmanaged
    {
        nint toBoundary = -(nint)destination & (Tail.MaxRegisterBytes - 1);
        nint head = nint.Min(count, toBoundary / sizeof(T));
        // Memory that is not even aligned to its elements has no boundary between two of them.
        if (toBoundary % sizeof(T) != 0) head = count;

        nint whole = (count - head) / (4 * Tail.MaxRegisterBytes / sizeof(T)) * (4 * Tail.MaxRegisterBytes / sizeof(T));
        ReduceLoop.Run<TOp, PlainFormat<T>, PlainFormat<T>, T, T, T>(destination, first, others, otherCount, 0, head);
        if (Vector512.IsHardwareAccelerated)
            Fold<TOp, Simd512<T>, Vector512<T>, T>(destination, first, others, otherCount, head, whole);
        else if (Vector256.IsHardwareAccelerated)
            Fold<TOp, Simd256<T>, Vector256<T>, T>(destination, first, others, otherCount, head, whole);
        else
            Fold<TOp, Simd128<T>, Vector128<T>, T>(destination, first, others, otherCount, head, whole);
        ReduceLoop.Run<TOp, PlainFormat<T>, PlainFormat<T>, T, T, T>(
            destination, first, others, otherCount, head + whole, count - head - whole);

        StreamingCopy.Fence();
    }

    // Bounds: length is a multiple of 4 of the widest registers, so of 4 of any; destination + start is aligned to the widest.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fold<TOp, TSimd, TVector, T>(
        T* destination, T* first, nint* others, int otherCount, nint start, nint length)
        where TOp : IOperation
        where TSimd : ISimd<TVector, T>
        where TVector : unmanaged where T : unmanaged
    {
        int step = TSimd.Count;
        if (otherCount == 1)
        {
            // Two streams in and one out run best with their lines in turn (a fifth faster than in blocks of four).
            T* other = (T*)others[0];
            for (nint i = start; i < start + length; i += step)
            {
                TVector a = TOp.Apply<TSimd, TVector, T>(TSimd.Load(first + i), TSimd.Load(other + i));
                TSimd.StoreStreaming(TSimd.CanonicalNaN(a), destination + i);
            }
            return;
        }

        for (nint i = start; i < start + length; i += 4 * step)
        {
            TVector a0 = TSimd.Load(first + i);
            TVector a1 = TSimd.Load(first + i + step);
            TVector a2 = TSimd.Load(first + i + 2 * step);
            TVector a3 = TSimd.Load(first + i + 3 * step);
            for (int s = 0; s < otherCount; s++)
            {
                T* source = (T*)others[s] + i;
                a0 = TOp.Apply<TSimd, TVector, T>(a0, TSimd.Load(source));
                a1 = TOp.Apply<TSimd, TVector, T>(a1, TSimd.Load(source + step));
                a2 = TOp.Apply<TSimd, TVector, T>(a2, TSimd.Load(source + 2 * step));
                a3 = TOp.Apply<TSimd, TVector, T>(a3, TSimd.Load(source + 3 * step));
            }
            TSimd.StoreStreaming(TSimd.CanonicalNaN(a0), destination + i);
            TSimd.StoreStreaming(TSimd.CanonicalNaN(a1), destination + i + step);
            TSimd.StoreStreaming(TSimd.CanonicalNaN(a2), destination + i + 2 * step);
            TSimd.StoreStreaming(TSimd.CanonicalNaN(a3), destination + i + 3 * step);
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Loops;

/// <summary>
/// A copy past the caches. An ordinary store first reads the line it is about to fill, and leaves it in the caches in place of
/// something else; a streaming store does neither, so a copy moves two bytes per byte in place of three. It needs an aligned
/// destination: what lies before the first boundary and behind the last whole block is copied in the ordinary way. The stores become
/// visible in any order: <see cref="Fence"/> stands between them and whatever announces them.
/// </summary>
internal static unsafe class StreamingCopy
{
    /// <summary>From this number of bytes written, what was written would hardly be found in a cache again; measured by
    /// bench/kernels.</summary>
    public const nint MinBytes = 8 << 20;

    /// <summary>Copies without a fence behind it.</summary>
    public static void Run(byte* destination, byte* source, nint bytes)
    {
        nint head = nint.Min(bytes, -(nint)destination & (Tail.MaxRegisterBytes - 1));
        nint whole = (bytes - head) / (4 * Tail.MaxRegisterBytes) * (4 * Tail.MaxRegisterBytes);
        nint tail = bytes - head - whole;
        Buffer.MemoryCopy(source, destination, head, head);
        if (Vector512.IsHardwareAccelerated)
            Blocks<Simd512<byte>, Vector512<byte>>(destination + head, source + head, whole);
        else if (Vector256.IsHardwareAccelerated)
            Blocks<Simd256<byte>, Vector256<byte>>(destination + head, source + head, whole);
        else
            Blocks<Simd128<byte>, Vector128<byte>>(destination + head, source + head, whole);
        Buffer.MemoryCopy(source + head + whole, destination + head + whole, tail, tail);
    }

    /// <summary>Makes streaming stores visible before any later store.</summary>
    public static void Fence()
    {
        if (Sse.IsSupported) Sse.StoreFence();
        else Interlocked.MemoryBarrier();
    }

    // Bounds: bytes is a multiple of 4 of the widest registers, so of 4 of any; the destination is aligned to the widest.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocks<TSimd, TVector>(byte* destination, byte* source, nint bytes)
        where TSimd : ISimd<TVector, byte> where TVector : unmanaged
    {
        int step = TSimd.Count;
        for (nint i = 0; i < bytes; i += 4 * step)
        {
            TVector a0 = TSimd.Load(source + i);
            TVector a1 = TSimd.Load(source + i + step);
            TVector a2 = TSimd.Load(source + i + 2 * step);
            TVector a3 = TSimd.Load(source + i + 3 * step);
            TSimd.StoreStreaming(a0, destination + i);
            TSimd.StoreStreaming(a1, destination + i + step);
            TSimd.StoreStreaming(a2, destination + i + 2 * step);
            TSimd.StoreStreaming(a3, destination + i + 3 * step);
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Loops;

/// <summary>
/// Folds the last few elements, fewer than fill a register, in pieces of 32, 16, 8, 4, 2 and 1 bytes, each loaded and stored whole. A short
/// message consists of nothing else, and passes from one fold to the next: pieces that are read back in one load of the same width come straight
/// from the store buffer, where elements stored one by one, or copied over the stack, would first have to reach the cache.
/// </summary>
internal static unsafe class RestLoop
{
    /// <param name="destination">Where the rest begins.</param>
    /// <param name="first">Where the rest of the first source begins.</param>
    /// <param name="others">The beginnings of the other sources.</param>
    /// <param name="otherCount">Their number.</param>
    /// <param name="offset">Where the rest begins in them, in bytes.</param>
    /// <param name="bytes">Its length; below 64, a multiple of the element.</param>
    public static void Run<TOp, T>(byte* destination, byte* first, nint* others, int otherCount, nint offset, int bytes)
        where TOp : IOperation where T : unmanaged
    {
        int at = 0;
        for (; at <= bytes - 32; at += 32)
        {
            Vector256<T> a = Vector256.Load((T*)(first + at));
            for (int s = 0; s < otherCount; s++)
                a = TOp.Apply<Simd256<T>, Vector256<T>, T>(a, Vector256.Load((T*)((byte*)others[s] + offset + at)));
            Simd256<T>.CanonicalNaN(a).Store((T*)(destination + at));
        }

        for (; at <= bytes - 16; at += 16)
        {
            Vector128<T> a = Vector128.Load((T*)(first + at));
            for (int s = 0; s < otherCount; s++)
                a = TOp.Apply<Simd128<T>, Vector128<T>, T>(a, Vector128.Load((T*)((byte*)others[s] + offset + at)));
            Simd128<T>.CanonicalNaN(a).Store((T*)(destination + at));
        }

        if ((bytes & 8) != 0)
            Piece<TOp, T, long>(destination, first, others, otherCount, offset, ref at);
        if ((bytes & 4) != 0)
            Piece<TOp, T, int>(destination, first, others, otherCount, offset, ref at);
        if ((bytes & 2) != 0)
            Piece<TOp, T, short>(destination, first, others, otherCount, offset, ref at);
        if ((bytes & 1) != 0)
            Piece<TOp, T, byte>(destination, first, others, otherCount, offset, ref at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Piece<TOp, T, TPiece>(byte* destination, byte* first, nint* others, int otherCount, nint offset, ref int at)
        where TOp : IOperation where T : unmanaged where TPiece : unmanaged
    {
        Vector128<T> a = Vector128.CreateScalar(*(TPiece*)(first + at)).As<TPiece, T>();
        for (int s = 0; s < otherCount; s++)
            a = TOp.Apply<Simd128<T>, Vector128<T>, T>(a, Vector128.CreateScalar(*(TPiece*)((byte*)others[s] + offset + at)).As<TPiece, T>());
        *(TPiece*)(destination + at) = Simd128<T>.CanonicalNaN(a).As<T, TPiece>().ToScalar();
        at += sizeof(TPiece);
    }
}

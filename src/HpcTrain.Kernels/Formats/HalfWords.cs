using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HpcTrain.Kernels.Formats;

/// <summary>Moves 16-bit words in memory to and from the low halves of 32-bit lanes.</summary>
internal static unsafe class HalfWords
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Load128(void* source) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(source)).AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Load256(void* source) =>
        Vector256.WidenLower(Vector128.Load((ushort*)source).ToVector256Unsafe());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Load512(void* source) =>
        Vector512.WidenLower(Vector256.Load((ushort*)source).ToVector512Unsafe());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<uint> words, void* destination) =>
        Unsafe.WriteUnaligned(destination, Vector128.Narrow(words, words).AsUInt64().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<uint> words, void* destination) =>
        Vector128.Narrow(words.GetLower(), words.GetUpper()).Store((ushort*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<uint> words, void* destination)
    {
        if (Avx512F.IsSupported)
            Avx512F.ConvertToVector256UInt16(words).Store((ushort*)destination);
        else
            Vector256.Narrow(words.GetLower(), words.GetUpper()).Store((ushort*)destination);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Formats;

/// <summary>bfloat16 in memory, f32 in the lanes.</summary>
internal readonly unsafe struct BFloat16Format : IElementFormat<float, BFloat16>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<float> IFormat<Vector128<float>, BFloat16>.Load(BFloat16* source) =>
        BFloat16Bits.Widen<Simd128<uint>, Vector128<uint>, Simd128<float>, Vector128<float>>(HalfWords.Load128(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IFormat<Vector128<float>, BFloat16>.Store(Vector128<float> value, BFloat16* destination) =>
        HalfWords.Store(
            BFloat16Bits.Narrow<Simd128<uint>, Vector128<uint>, Simd128<float>, Vector128<float>>(value), destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> IFormat<Vector256<float>, BFloat16>.Load(BFloat16* source) =>
        BFloat16Bits.Widen<Simd256<uint>, Vector256<uint>, Simd256<float>, Vector256<float>>(HalfWords.Load256(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IFormat<Vector256<float>, BFloat16>.Store(Vector256<float> value, BFloat16* destination) =>
        HalfWords.Store(
            BFloat16Bits.Narrow<Simd256<uint>, Vector256<uint>, Simd256<float>, Vector256<float>>(value), destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> IFormat<Vector512<float>, BFloat16>.Load(BFloat16* source) =>
        BFloat16Bits.Widen<Simd512<uint>, Vector512<uint>, Simd512<float>, Vector512<float>>(HalfWords.Load512(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IFormat<Vector512<float>, BFloat16>.Store(Vector512<float> value, BFloat16* destination) =>
        HalfWords.Store(
            BFloat16Bits.Narrow<Simd512<uint>, Vector512<uint>, Simd512<float>, Vector512<float>>(value), destination);
}

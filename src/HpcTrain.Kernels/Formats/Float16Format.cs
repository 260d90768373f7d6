using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Formats;

/// <summary>IEEE binary16 in memory, f32 in the lanes.</summary>
internal readonly unsafe struct Float16Format : IElementFormat<float, Half>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<float> IFormat<Vector128<float>, Half>.Load(Half* source) =>
        Float16Bits.Widen<Simd128<uint>, Vector128<uint>, Simd128<float>, Vector128<float>>(HalfWords.Load128(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IFormat<Vector128<float>, Half>.Store(Vector128<float> value, Half* destination) =>
        HalfWords.Store(
            Float16Bits.Narrow<Simd128<uint>, Vector128<uint>, Simd128<float>, Vector128<float>>(value), destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> IFormat<Vector256<float>, Half>.Load(Half* source) =>
        Float16Bits.Widen<Simd256<uint>, Vector256<uint>, Simd256<float>, Vector256<float>>(HalfWords.Load256(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IFormat<Vector256<float>, Half>.Store(Vector256<float> value, Half* destination) =>
        HalfWords.Store(
            Float16Bits.Narrow<Simd256<uint>, Vector256<uint>, Simd256<float>, Vector256<float>>(value), destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> IFormat<Vector512<float>, Half>.Load(Half* source) =>
        Float16Bits.Widen<Simd512<uint>, Vector512<uint>, Simd512<float>, Vector512<float>>(HalfWords.Load512(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IFormat<Vector512<float>, Half>.Store(Vector512<float> value, Half* destination) =>
        HalfWords.Store(
            Float16Bits.Narrow<Simd512<uint>, Vector512<uint>, Simd512<float>, Vector512<float>>(value), destination);
}

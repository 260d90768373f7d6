using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HpcTrain.Kernels.Formats;

/// <summary>Elements that are computed as they are stored.</summary>
internal readonly unsafe struct PlainFormat<T> : IElementFormat<T, T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<T> IFormat<Vector128<T>, T>.Load(T* source) =>
        Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IFormat<Vector128<T>, T>.Store(Vector128<T> value, T* destination) =>
        value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<T> IFormat<Vector256<T>, T>.Load(T* source) =>
        Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IFormat<Vector256<T>, T>.Store(Vector256<T> value, T* destination) =>
        value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<T> IFormat<Vector512<T>, T>.Load(T* source) =>
        Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IFormat<Vector512<T>, T>.Store(Vector512<T> value, T* destination) =>
        value.Store(destination);
}

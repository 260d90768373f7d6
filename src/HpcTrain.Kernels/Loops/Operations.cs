using System.Runtime.CompilerServices;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Loops;

/// <summary>A reduction's operation on two registers.</summary>
internal interface IOperation
{
    static abstract TVector Apply<TSimd, TVector, T>(TVector left, TVector right)
        where TSimd : ISimd<TVector, T> where TVector : unmanaged where T : unmanaged;
}

internal readonly struct SumOperation : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector, T>(TVector left, TVector right)
        where TSimd : ISimd<TVector, T> where TVector : unmanaged where T : unmanaged => TSimd.Add(left, right);
}

internal readonly struct ProdOperation : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector, T>(TVector left, TVector right)
        where TSimd : ISimd<TVector, T> where TVector : unmanaged where T : unmanaged => TSimd.Multiply(left, right);
}

internal readonly struct MinOperation : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector, T>(TVector left, TVector right)
        where TSimd : ISimd<TVector, T> where TVector : unmanaged where T : unmanaged => TSimd.Min(left, right);
}

internal readonly struct MaxOperation : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector, T>(TVector left, TVector right)
        where TSimd : ISimd<TVector, T> where TVector : unmanaged where T : unmanaged => TSimd.Max(left, right);
}

internal readonly struct AndOperation : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector, T>(TVector left, TVector right)
        where TSimd : ISimd<TVector, T> where TVector : unmanaged where T : unmanaged => TSimd.And(left, right);
}

internal readonly struct OrOperation : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector, T>(TVector left, TVector right)
        where TSimd : ISimd<TVector, T> where TVector : unmanaged where T : unmanaged => TSimd.Or(left, right);
}

internal readonly struct XorOperation : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector, T>(TVector left, TVector right)
        where TSimd : ISimd<TVector, T> where TVector : unmanaged where T : unmanaged => TSimd.Xor(left, right);
}

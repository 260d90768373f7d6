using System.Runtime.CompilerServices;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Loops;

/// <summary>A function of one register, with its parameters.</summary>
internal interface IMap<TLane> where TLane : unmanaged
{
    TVector Apply<TSimd, TVector>(TVector value) where TSimd : ISimd<TVector, TLane> where TVector : unmanaged;
}

/// <summary>The value itself: a change of format only.</summary>
internal readonly struct IdentityMap<TLane> : IMap<TLane> where TLane : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TSimd, TVector>(TVector value)
        where TSimd : ISimd<TVector, TLane> where TVector : unmanaged => value;
}

/// <summary>The product, with the one NaN that reductions store too.</summary>
internal readonly struct MultiplyMap<TLane>(TLane factor) : IMap<TLane> where TLane : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TSimd, TVector>(TVector value)
        where TSimd : ISimd<TVector, TLane> where TVector : unmanaged =>
        TSimd.CanonicalNaN(TSimd.Multiply(value, TSimd.Create(factor)));
}

/// <summary>The quotient, with the one NaN that reductions store too.</summary>
internal readonly struct DivideMap<TLane>(TLane divisor) : IMap<TLane> where TLane : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TSimd, TVector>(TVector value)
        where TSimd : ISimd<TVector, TLane> where TVector : unmanaged =>
        TSimd.CanonicalNaN(TSimd.Divide(value, TSimd.Create(divisor)));
}

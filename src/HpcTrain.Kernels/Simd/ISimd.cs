namespace HpcTrain.Kernels.Simd;

/// <summary>
/// Arithmetic on one register of lanes, so that a loop is written once and compiled for each register width:
/// <see cref="Simd128{T}"/>, <see cref="Simd256{T}"/>, <see cref="Simd512{T}"/>. Every operation works lane by lane, rounds as
/// the scalar operation does and is never contracted, so a result's bits do not depend on the width.
/// </summary>
/// <typeparam name="TVector">The register, such as <c>Vector512&lt;float&gt;</c>.</typeparam>
/// <typeparam name="T">The lane.</typeparam>
internal unsafe interface ISimd<TVector, T> where TVector : unmanaged where T : unmanaged
{
    static abstract int Count { get; }
    static abstract TVector Load(T* source);
    static abstract void Store(TVector value, T* destination);

    /// <summary>Stores past the caches, to an address that is a multiple of the register's size.</summary>
    static abstract void StoreStreaming(TVector value, T* destination);

    static abstract TVector Create(T value);

    static abstract TVector Add(TVector left, TVector right);
    static abstract TVector Subtract(TVector left, TVector right);
    static abstract TVector Multiply(TVector left, TVector right);
    static abstract TVector Divide(TVector left, TVector right);
    static abstract TVector Sqrt(TVector value);

    /// <summary>IEEE minimum: NaN when either is, and -0 is less than +0.</summary>
    static abstract TVector Min(TVector left, TVector right);

    /// <summary>IEEE maximum: NaN when either is, and -0 is less than +0.</summary>
    static abstract TVector Max(TVector left, TVector right);

    static abstract TVector And(TVector left, TVector right);
    static abstract TVector Or(TVector left, TVector right);
    static abstract TVector Xor(TVector left, TVector right);
    static abstract TVector ShiftLeft(TVector value, int bits);
    static abstract TVector ShiftRight(TVector value, int bits);

    /// <summary>All bits of a lane set where equal, none elsewhere.</summary>
    static abstract TVector Equal(TVector left, TVector right);

    /// <summary>All bits of a lane set where greater, none elsewhere.</summary>
    static abstract TVector Greater(TVector left, TVector right);

    static abstract TVector Select(TVector condition, TVector whenTrue, TVector whenFalse);

    /// <summary>Replaces every NaN by the positive quiet NaN without payload; integers pass.</summary>
    static abstract TVector CanonicalNaN(TVector value);
}

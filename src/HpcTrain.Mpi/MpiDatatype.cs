using System.Runtime.CompilerServices;

namespace HpcTrain.Mpi;

/// <summary>
/// The element types that every MPI library knows. 16-bit floats have no portable handle: send them as
/// <see cref="Byte"/> and reduce them with HpcTrain's own collectives.
/// </summary>
public enum MpiDatatype
{
    /// <summary>An uninterpreted byte; the only reductions are the bitwise ones.</summary>
    Byte,

    /// <summary>Signed, 1 byte.</summary>
    Int8,

    /// <summary>Unsigned, 1 byte.</summary>
    UInt8,

    /// <summary>Signed, 2 bytes.</summary>
    Int16,

    /// <summary>Unsigned, 2 bytes.</summary>
    UInt16,

    /// <summary>Signed, 4 bytes.</summary>
    Int32,

    /// <summary>Unsigned, 4 bytes.</summary>
    UInt32,

    /// <summary>Signed, 8 bytes.</summary>
    Int64,

    /// <summary>Unsigned, 8 bytes.</summary>
    UInt64,

    /// <summary>IEEE 754, 4 bytes.</summary>
    Float32,

    /// <summary>IEEE 754, 8 bytes.</summary>
    Float64,
}

/// <summary>Sizes of MPI element types and their counterparts among .NET's.</summary>
public static class MpiDatatypes
{
    /// <summary>The size of one element in bytes.</summary>
    /// <param name="type">The element type.</param>
    /// <returns>1, 2, 4 or 8.</returns>
    public static int SizeInBytes(this MpiDatatype type) => type switch
    {
        MpiDatatype.Byte or MpiDatatype.Int8 or MpiDatatype.UInt8 => 1,
        MpiDatatype.Int16 or MpiDatatype.UInt16 => 2,
        MpiDatatype.Int32 or MpiDatatype.UInt32 or MpiDatatype.Float32 => 4,
        MpiDatatype.Int64 or MpiDatatype.UInt64 or MpiDatatype.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an MPI element type"),
    };

    /// <summary>The MPI type that reduces elements of a .NET type.</summary>
    /// <typeparam name="T">A primitive number type.</typeparam>
    /// <param name="type">The MPI type; meaningless when the method returns false.</param>
    /// <returns>False if MPI has no number type for <typeparamref name="T"/> (16-bit floats, structs, char, bool).</returns>
    public static bool TryOf<T>(out MpiDatatype type)
        where T : unmanaged
    {
        // The JIT knows T: the chain folds to one constant.
        type = typeof(T) == typeof(float) ? MpiDatatype.Float32
            : typeof(T) == typeof(double) ? MpiDatatype.Float64
            : typeof(T) == typeof(byte) ? MpiDatatype.UInt8
            : typeof(T) == typeof(sbyte) ? MpiDatatype.Int8
            : typeof(T) == typeof(short) ? MpiDatatype.Int16
            : typeof(T) == typeof(ushort) ? MpiDatatype.UInt16
            : typeof(T) == typeof(int) ? MpiDatatype.Int32
            : typeof(T) == typeof(uint) ? MpiDatatype.UInt32
            : typeof(T) == typeof(long) || typeof(T) == typeof(nint) ? MpiDatatype.Int64
            : typeof(T) == typeof(ulong) || typeof(T) == typeof(nuint) ? MpiDatatype.UInt64
            : MpiDatatype.Byte;
        return type != MpiDatatype.Byte;
    }

    /// <summary>The MPI type that reduces elements of a .NET type.</summary>
    /// <typeparam name="T">A primitive number type.</typeparam>
    /// <returns>The MPI type.</returns>
    /// <exception cref="NotSupportedException">MPI has no number type for <typeparamref name="T"/>.</exception>
    public static MpiDatatype Of<T>()
        where T : unmanaged =>
        TryOf<T>(out var type) ? type : throw new NotSupportedException(
            $"MPI cannot reduce elements of type {typeof(T).Name}: use HpcTrain.Collectives, or reduce a primitive number type.");

    /// <summary>How a span of any unmanaged type travels: as its own number type, or else as bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Transport<T>(int length, out MpiDatatype type)
        where T : unmanaged =>
        TryOf<T>(out type) ? length : (long)length * Unsafe.SizeOf<T>();
}

using System.Runtime.CompilerServices;

namespace HpcTrain.Kernels;

/// <summary>Sizes, names and .NET types of <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    // In the order of the enumeration.
    private static readonly string[] Names =
        ["f32", "f64", "f16", "bf16", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"];

    /// <summary>All element types, in the order of the enumeration.</summary>
    public static IReadOnlyList<ElementType> All { get; } = Enum.GetValues<ElementType>();

    /// <summary>The size of one element in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no member of the enumeration.</exception>
    public static int SizeInBytes(this ElementType type) => type switch
    {
        ElementType.I8 or ElementType.U8 => 1,
        ElementType.F16 or ElementType.BF16 or ElementType.I16 or ElementType.U16 => 2,
        ElementType.F32 or ElementType.I32 or ElementType.U32 => 4,
        ElementType.F64 or ElementType.I64 or ElementType.U64 => 8,
        _ => throw Unknown(type),
    };

    /// <summary>Whether the type is one of the four floating-point types.</summary>
    public static bool IsFloatingPoint(this ElementType type) => type <= ElementType.BF16;

    /// <summary>The element type that is laid out like <typeparamref name="T"/>: <see cref="float"/>, <see cref="double"/>,
    /// <see cref="Half"/>, <see cref="BFloat16"/>, or an integer of 8 to 64 bits.</summary>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is none of these.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ElementType Of<T>() where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return ElementType.F32;
        if (typeof(T) == typeof(double)) return ElementType.F64;
        if (typeof(T) == typeof(Half)) return ElementType.F16;
        if (typeof(T) == typeof(BFloat16)) return ElementType.BF16;
        if (typeof(T) == typeof(sbyte)) return ElementType.I8;
        if (typeof(T) == typeof(byte)) return ElementType.U8;
        if (typeof(T) == typeof(short)) return ElementType.I16;
        if (typeof(T) == typeof(ushort)) return ElementType.U16;
        if (typeof(T) == typeof(int)) return ElementType.I32;
        if (typeof(T) == typeof(uint)) return ElementType.U32;
        if (typeof(T) == typeof(long)) return ElementType.I64;
        if (typeof(T) == typeof(ulong)) return ElementType.U64;
        throw new NotSupportedException(
            $"{typeof(T)} is no element type; use float, double, Half, BFloat16 or an integer of 8 to 64 bits.");
    }

    /// <summary>The name in command lines and files: "f32", "bf16", "u8", ...</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no member of the enumeration.</exception>
    public static string Name(this ElementType type) => (int)type < Names.Length ? Names[(int)type] : throw Unknown(type);

    /// <summary>Reads a name as <see cref="Name"/> gives it, in upper or lower case.</summary>
    /// <returns>False, and <paramref name="type"/> is F32, when there is no such type.</returns>
    public static bool TryParse(string? name, out ElementType type)
    {
        int index = Array.FindIndex(Names, n => string.Equals(n, name, StringComparison.OrdinalIgnoreCase));
        type = index < 0 ? default : (ElementType)index;
        return index >= 0;
    }

    internal static ArgumentOutOfRangeException Unknown(ElementType type) =>
        new(nameof(type), type, $"Element type {(int)type} does not exist; the types are {string.Join(", ", Names)}.");
}

namespace HpcTrain.Kernels;

/// <summary>Names of <see cref="ReduceOp"/>, and the element types that each operation is defined for.</summary>
public static class ReduceOps
{
    // In the order of the enumeration.
    private static readonly string[] Names = ["sum", "prod", "min", "max", "avg", "premulsum", "band", "bor", "bxor"];

    /// <summary>All operations, in the order of the enumeration.</summary>
    public static IReadOnlyList<ReduceOp> All { get; } = Enum.GetValues<ReduceOp>();

    /// <summary>Whether elements of the type can be reduced by the operation: all types by all operations, but for the bitwise ones, which are
    /// for integers.</summary>
    public static bool IsDefinedFor(this ReduceOp op, ElementType type) => op < ReduceOp.BitAnd || !type.IsFloatingPoint();

    /// <summary>The name in command lines and files: "sum", "premulsum", "bxor", ...</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no member of the enumeration.</exception>
    public static string Name(this ReduceOp op) => (int)op < Names.Length ? Names[(int)op] : throw Unknown(op);

    /// <summary>Reads a name as <see cref="Name"/> gives it, in upper or lower case.</summary>
    /// <returns>False, and <paramref name="op"/> is Sum, when there is no such operation.</returns>
    public static bool TryParse(string? name, out ReduceOp op)
    {
        int index = Array.FindIndex(Names, n => string.Equals(n, name, StringComparison.OrdinalIgnoreCase));
        op = index < 0 ? default : (ReduceOp)index;
        return index >= 0;
    }

    /// <summary>Does nothing if elements of the type can be reduced by the operation.</summary>
    /// <exception cref="ArgumentException">They cannot; the message names both.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such operation.</exception>
    public static void ThrowIfUndefined(ReduceOp op, ElementType type)
    {
        if ((int)op >= Names.Length) throw Unknown(op);
        if (!op.IsDefinedFor(type))
            throw new ArgumentException(
                $"Reduction {op.Name()} is not defined for {type.Name()}; band, bor and bxor reduce integers only.", nameof(op));
    }

    internal static ArgumentOutOfRangeException Unknown(ReduceOp op) =>
        new(nameof(op), op, $"Reduction {(int)op} does not exist; the operations are {string.Join(", ", Names)}.");
}

using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Checking;

/// <summary>
/// Makes and checks elements of one type: the contributions of ranks, copies of them, and their reductions by an independent scalar reference
/// (integers in their own type, floats in f64).
/// </summary>
internal abstract unsafe class ElementCheck
{
    /// <summary>The check for a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="wraps">Whether integers of reductions may overflow, and must then wrap around.</param>
    public static ElementCheck For(ElementType type, bool wraps = true) => type switch
    {
        ElementType.F32 => new FloatCheck<F32Format>(),
        ElementType.F64 => new FloatCheck<F64Format>(),
        ElementType.F16 => new FloatCheck<F16Format>(),
        ElementType.BF16 => new FloatCheck<BF16Format>(),
        ElementType.I8 => new IntegerCheck<sbyte>(wraps),
        ElementType.U8 => new IntegerCheck<byte>(wraps),
        ElementType.I16 => new IntegerCheck<short>(wraps),
        ElementType.U16 => new IntegerCheck<ushort>(wraps),
        ElementType.I32 => new IntegerCheck<int>(wraps),
        ElementType.U32 => new IntegerCheck<uint>(wraps),
        ElementType.I64 => new IntegerCheck<long>(wraps),
        _ => new IntegerCheck<ulong>(wraps),
    };

    /// <summary>Writes a rank's contribution to a reduction: values that the operation keeps in range.</summary>
    public abstract void WriteValues(void* to, long count, ulong stream, ReduceOp op, int ranks);

    /// <summary>Writes a rank's contribution where nothing is reduced: any bits.</summary>
    public abstract void WriteBits(void* to, long count, ulong stream);

    /// <summary>Writes one everywhere.</summary>
    public abstract void WriteOnes(void* to, long count);

    /// <summary>Counts the elements that are not bit for bit those of a stream from <paramref name="first"/> on.</summary>
    public abstract long CountWrongBits(void* result, long first, long count, ulong stream);

    /// <summary>Counts the elements that are no reduction of those of all streams from <paramref name="first"/> on.</summary>
    /// <param name="result">What is checked.</param>
    /// <param name="first">The element that it starts with.</param>
    /// <param name="count">Its length.</param>
    /// <param name="streams">One stream for each rank.</param>
    /// <param name="op">The operation.</param>
    /// <param name="partialType">The type in which partial results travelled, which says how much rounding is allowed.</param>
    public abstract long CountWrongReductions(void* result, long first, long count, ReadOnlySpan<ulong> streams, ReduceOp op, ElementType partialType);
}

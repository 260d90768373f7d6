namespace HpcTrain.Kernels;

/// <summary>The operations of a reduction. Integers wrap around on overflow.</summary>
public enum ReduceOp : byte
{
    /// <summary>Sum.</summary>
    Sum,
    /// <summary>Product.</summary>
    Prod,
    /// <summary>Minimum; a NaN in any input gives NaN.</summary>
    Min,
    /// <summary>Maximum; a NaN in any input gives NaN.</summary>
    Max,
    /// <summary>Sum divided by the number of ranks; integers divide toward zero.</summary>
    Avg,
    /// <summary>Sum of contributions that each rank multiplies by a factor of its own beforehand. The kernels reduce it as a sum; the
    /// multiplication is <see cref="HostKernels.Scale(ElementType, void*, void*, nint, double)"/> of a rank's contribution.</summary>
    PreMulSum,
    /// <summary>Bitwise and; integers only.</summary>
    BitAnd,
    /// <summary>Bitwise or; integers only.</summary>
    BitOr,
    /// <summary>Bitwise exclusive or; integers only.</summary>
    BitXor,
}

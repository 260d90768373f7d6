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
}

namespace HpcTrain.Mpi;

/// <summary>The reduction operations of the vendor's collectives, element by element.</summary>
public enum MpiOp
{
    /// <summary>Sum.</summary>
    Sum,

    /// <summary>Smallest.</summary>
    Min,

    /// <summary>Largest.</summary>
    Max,

    /// <summary>Product.</summary>
    Prod,

    /// <summary>Bitwise and; integers and bytes only.</summary>
    BitwiseAnd,

    /// <summary>Bitwise or; integers and bytes only.</summary>
    BitwiseOr,

    /// <summary>Bitwise exclusive or; integers and bytes only.</summary>
    BitwiseXor,

    /// <summary>Logical and (non-zero is true); integers only.</summary>
    LogicalAnd,

    /// <summary>Logical or; integers only.</summary>
    LogicalOr,

    /// <summary>Logical exclusive or; integers only.</summary>
    LogicalXor,
}

using System.Runtime.InteropServices;

namespace HpcTrain.Mpi;

/// <summary>MPI hands a user operation no context, so each operation needs a function of its own.</summary>
internal static unsafe partial class BlockOperations
{
    private static delegate* unmanaged<void*, void*, int*, void*, void> Callback(MpiOp op) => op switch
    {
        MpiOp.Sum => &Sum,
        MpiOp.Min => &Min,
        MpiOp.Max => &Max,
        MpiOp.Prod => &Prod,
        MpiOp.BitwiseAnd => &BitwiseAnd,
        MpiOp.BitwiseOr => &BitwiseOr,
        MpiOp.BitwiseXor => &BitwiseXor,
        MpiOp.LogicalAnd => &LogicalAnd,
        MpiOp.LogicalOr => &LogicalOr,
        MpiOp.LogicalXor => &LogicalXor,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "not an MPI operation"),
    };

    [UnmanagedCallersOnly]
    private static void Sum(void* from, void* to, int* length, void* type) => Reduce(MpiOp.Sum, from, to, length, type);

    [UnmanagedCallersOnly]
    private static void Min(void* from, void* to, int* length, void* type) => Reduce(MpiOp.Min, from, to, length, type);

    [UnmanagedCallersOnly]
    private static void Max(void* from, void* to, int* length, void* type) => Reduce(MpiOp.Max, from, to, length, type);

    [UnmanagedCallersOnly]
    private static void Prod(void* from, void* to, int* length, void* type) => Reduce(MpiOp.Prod, from, to, length, type);

    [UnmanagedCallersOnly]
    private static void BitwiseAnd(void* from, void* to, int* length, void* type) =>
        Reduce(MpiOp.BitwiseAnd, from, to, length, type);

    [UnmanagedCallersOnly]
    private static void BitwiseOr(void* from, void* to, int* length, void* type) =>
        Reduce(MpiOp.BitwiseOr, from, to, length, type);

    [UnmanagedCallersOnly]
    private static void BitwiseXor(void* from, void* to, int* length, void* type) =>
        Reduce(MpiOp.BitwiseXor, from, to, length, type);

    [UnmanagedCallersOnly]
    private static void LogicalAnd(void* from, void* to, int* length, void* type) =>
        Reduce(MpiOp.LogicalAnd, from, to, length, type);

    [UnmanagedCallersOnly]
    private static void LogicalOr(void* from, void* to, int* length, void* type) =>
        Reduce(MpiOp.LogicalOr, from, to, length, type);

    [UnmanagedCallersOnly]
    private static void LogicalXor(void* from, void* to, int* length, void* type) =>
        Reduce(MpiOp.LogicalXor, from, to, length, type);
}

using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Node;

/// <summary>A call in 64 bits, so that ranks can compare what they have called by comparing a number.</summary>
internal static class CallSignature
{
    // From the top: 4 bits collective, 4 type, 4 operation, 12 root, 40 count. What is cut off can only make different calls look equal.
    private const int CountBits = 40, RootBits = 12;

    public static long Of(in CollectiveCall call)
    {
        long op = call.Collective.Reduces() ? (long)call.Op : 0;
        long root = call.Collective.HasRoot() ? call.Root & ((1 << RootBits) - 1) : 0;
        return ((long)call.Collective << 60) | ((long)call.Type << 56) | (op << 52) | (root << CountBits) | (call.Count & ((1L << CountBits) - 1));
    }

    /// <summary>What the signature was made of; no operation and no root where the collective has none.</summary>
    public static (CollectiveKind Collective, ElementType Type, ReduceOp? Op, int? Root, long Count) Parts(long signature)
    {
        var collective = (CollectiveKind)((ulong)signature >> 60);
        return (collective, (ElementType)((signature >> 56) & 15), collective.Reduces() ? (ReduceOp)((signature >> 52) & 15) : null,
            collective.HasRoot() ? (int)(signature >> CountBits) & ((1 << RootBits) - 1) : null, signature & ((1L << CountBits) - 1));
    }

    /// <summary>The call in words, for example <c>allreduce of 1024 f32, sum</c>.</summary>
    public static string Describe(long signature)
    {
        (CollectiveKind collective, ElementType type, ReduceOp? op, int? root, long count) = Parts(signature);
        string text = collective == CollectiveKind.Barrier ? collective.Name() : $"{collective.Name()} of {count} {type.Name()}";
        if (op != null)
            text += $", {op.ToString()!.ToLowerInvariant()}";
        return root != null ? $"{text}, root {root}" : text;
    }
}

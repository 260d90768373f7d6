using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Workloads;

/// <summary>
/// What one line of the benchmark measures: a collective on a data buffer of so many bytes. As in nccl-tests the size is that of the whole
/// buffer: the n blocks of an allgather, reduce-scatter, gather, scatter or all-to-all together.
/// </summary>
internal sealed record Workload(CollectiveKind Collective, int Ranks, ElementType Type, ReduceOp Op, int Root, long Bytes, bool InPlace)
{
    /// <summary>Elements of the whole data buffer; 0 for a barrier.</summary>
    public long Count => Bytes / Type.SizeInBytes();

    /// <summary>Elements of a rank's block; of the whole buffer where there are no blocks.</summary>
    public long BlockCount => HasBlocks(Collective) ? Count / Ranks : Count;

    /// <summary>The type's name; a barrier has none.</summary>
    public string TypeName => Collective == CollectiveKind.Barrier ? "none" : Type.Name();

    /// <summary>The operation's name; "none" where nothing is reduced.</summary>
    public string OpName => Collective.Reduces() ? Op.Name() : "none";

    /// <summary>
    /// By what the bandwidth of a call is multiplied to get that of the busiest link, whatever the number of ranks: what a rank must send at least,
    /// in buffers.
    /// </summary>
    public double BusFactor => Collective.BusFactor(Ranks);

    /// <summary>
    /// Whether an operation on a type is measured: all that are defined, but for premulsum of integers, whose factors would cut and limit them.
    /// </summary>
    public static bool IsMeasured(ReduceOp op, ElementType type) => op.IsDefinedFor(type) && (op != ReduceOp.PreMulSum || type.IsFloatingPoint());

    /// <summary>What a rank's contribution to a premulsum is multiplied with: a power of two, so that nothing is rounded.</summary>
    public static double FactorOf(int rank) => rank % 2 == 0 ? 0.5 : 2;

    /// <summary>Whether each rank has a block of the buffer.</summary>
    public static bool HasBlocks(CollectiveKind collective) => collective is CollectiveKind.ReduceScatter or CollectiveKind.AllGather
        or CollectiveKind.Gather or CollectiveKind.Scatter or CollectiveKind.AllToAll;

    /// <summary>A broadcast has one buffer, so it is in place; a barrier has none, and counts as out of place.</summary>
    public static bool Exists(CollectiveKind collective, bool inPlace) => collective switch
    {
        CollectiveKind.Broadcast => inPlace,
        CollectiveKind.Barrier => !inPlace,
        _ => true,
    };

    /// <summary>A size that the collective can have: rounded down to whole elements, of each rank where ranks have blocks, but at least one.</summary>
    public static long Round(long bytes, CollectiveKind collective, ElementType type, int ranks)
    {
        long unit = type.SizeInBytes() * (HasBlocks(collective) ? ranks : 1L);
        return Math.Max(1, bytes / unit) * unit;
    }

    /// <summary>The workload in a few words: <c>allreduce of 64K of f32</c>.</summary>
    public override string ToString() => Collective.Name() + (Collective == CollectiveKind.Barrier ? "" : $" of {ByteSize.Format(Bytes)} of {TypeName}");

    /// <summary>The elements that a rank contributes.</summary>
    public long ContributionCount(int rank) => Collective switch
    {
        CollectiveKind.AllGather or CollectiveKind.Gather => BlockCount,
        CollectiveKind.Broadcast or CollectiveKind.Scatter => rank == Root ? Count : 0,
        CollectiveKind.Barrier => 0,
        _ => Count,
    };

    /// <summary>The elements that a rank gets.</summary>
    public long ResultCount(int rank) => Collective switch
    {
        CollectiveKind.ReduceScatter or CollectiveKind.Scatter => BlockCount,
        CollectiveKind.Reduce or CollectiveKind.Gather => rank == Root ? Count : 0,
        CollectiveKind.Barrier => 0,
        _ => Count,
    };
}

using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Workloads;

/// <summary>One of the two buffers that a rank has for all workloads.</summary>
internal enum OperandBuffer
{
    /// <summary>No memory: the rank has no contribution, or gets no result.</summary>
    None,

    /// <summary>The buffer of contributions.</summary>
    Source,

    /// <summary>The buffer of results.</summary>
    Destination,
}

/// <summary>Where an operand begins: a buffer and an offset into it in bytes.</summary>
internal readonly record struct OperandPlace(OperandBuffer Buffer, long Offset = 0);

/// <summary>
/// Where a rank's contribution lies and where its result goes. Out of place these are the two buffers. In place they share the longer one: where one
/// operand is a block of the other, it is the rank's own block. Only the ranks that have both can work in place: of a rooted collective the root.
/// </summary>
internal readonly record struct OperandLayout(OperandPlace Source, OperandPlace Destination)
{
    /// <summary>The layout of a workload.</summary>
    /// <param name="work">The workload.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="asMpi">
    /// As MPI wants it: an in-place MPI_Reduce_scatter_block puts the rank's block at the start of the buffer, not at its own place.
    /// </param>
    public static OperandLayout Of(Workload work, int rank, bool asMpi)
    {
        var source = new OperandPlace(work.ContributionCount(rank) > 0 ? OperandBuffer.Source : OperandBuffer.None);
        var destination = new OperandPlace(work.ResultCount(rank) > 0 ? OperandBuffer.Destination : OperandBuffer.None);
        if (work.Collective == CollectiveKind.Broadcast)
            return new(destination, destination);
        if (!work.InPlace || source.Buffer == OperandBuffer.None || destination.Buffer == OperandBuffer.None)
            return new(source, destination);
        long own = rank * work.BlockCount * work.Type.SizeInBytes(), reduced = asMpi ? 0 : own;
        return work.Collective switch
        {
            CollectiveKind.ReduceScatter => new(source, source with { Offset = reduced }),
            CollectiveKind.Scatter => new(source, source with { Offset = own }),
            CollectiveKind.AllGather or CollectiveKind.Gather => new(destination with { Offset = own }, destination),
            _ => new(destination, destination),
        };
    }

    /// <summary>The bytes that a buffer needs for the workload on that rank.</summary>
    public static long BytesOf(OperandBuffer buffer, Workload work, int rank)
    {
        OperandLayout layout = Of(work, rank, asMpi: false);
        long size = work.Type.SizeInBytes();
        return Math.Max(End(layout.Source, work.ContributionCount(rank)), End(layout.Destination, work.ResultCount(rank)));

        long End(OperandPlace place, long count) => place.Buffer == buffer ? place.Offset + (count * size) : 0;
    }
}

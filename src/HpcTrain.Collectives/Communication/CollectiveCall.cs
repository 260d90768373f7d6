using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <summary>
/// One collective call: what, on which memory. Memory is native or pinned, aligned to its elements, and not touched until the call is done. Blocks are
/// ordered by rank. All ranks give the same collective, count, type, operation and root.
/// </summary>
/// <remarks>
/// In place means: source and destination are the same address where both have the same length; where one holds a block for each rank and the
/// other one block, that block is the rank's own inside the longer one. An in-place reduce-scatter leaves the other blocks undefined.
/// </remarks>
public readonly unsafe struct CollectiveCall
{
    /// <summary>A call with nothing but defaults.</summary>
    public CollectiveCall()
    {
    }

    /// <summary>What to do.</summary>
    public required CollectiveKind Collective { get; init; }

    /// <summary>The contribution; null where the rank has none.</summary>
    public void* Source { get; init; }

    /// <summary>The result; null where the rank gets none.</summary>
    public void* Destination { get; init; }

    /// <summary>
    /// Elements: of the buffer in an allreduce, reduce and broadcast; of one block in the others. It may exceed 2^31.
    /// </summary>
    public long Count { get; init; }

    /// <summary>The element type.</summary>
    public ElementType Type { get; init; }

    /// <summary>The operation of a reduction. Integers wrap around on overflow; their average is the wrapped sum divided toward zero.</summary>
    public ReduceOp Op { get; init; }

    /// <summary>The root of a reduce, broadcast, gather or scatter.</summary>
    public int Root { get; init; }

    /// <summary>What this rank's contribution is multiplied with before a <see cref="ReduceOp.PreMulSum"/>; each rank has its own.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Whether the contribution has to be multiplied before anything else.</summary>
    internal bool Premultiplies => Op == ReduceOp.PreMulSum && Factor != 1 && Collective.Reduces();

    /// <summary>Reduces <paramref name="count"/> elements of all ranks into all of them.</summary>
    public static CollectiveCall AllReduce(void* source, void* destination, long count, ElementType type, ReduceOp op = ReduceOp.Sum) =>
        new() { Collective = CollectiveKind.AllReduce, Source = source, Destination = destination, Count = count, Type = type, Op = op };

    /// <summary>Reduces a block of <paramref name="count"/> elements for each rank; each gets its own block.</summary>
    public static CollectiveCall ReduceScatter(void* source, void* destination, long count, ElementType type, ReduceOp op = ReduceOp.Sum) =>
        new() { Collective = CollectiveKind.ReduceScatter, Source = source, Destination = destination, Count = count, Type = type, Op = op };

    /// <summary>Collects a block of <paramref name="count"/> elements from each rank on all of them.</summary>
    public static CollectiveCall AllGather(void* source, void* destination, long count, ElementType type) =>
        new() { Collective = CollectiveKind.AllGather, Source = source, Destination = destination, Count = count, Type = type };

    /// <summary>Reduces <paramref name="count"/> elements of all ranks into the root's destination.</summary>
    public static CollectiveCall Reduce(void* source, void* destination, long count, ElementType type, int root, ReduceOp op = ReduceOp.Sum) =>
        new() { Collective = CollectiveKind.Reduce, Source = source, Destination = destination, Count = count, Type = type, Op = op, Root = root };

    /// <summary>Copies <paramref name="count"/> elements from the root's buffer to those of all ranks.</summary>
    public static CollectiveCall Broadcast(void* buffer, long count, ElementType type, int root) =>
        new() { Collective = CollectiveKind.Broadcast, Source = buffer, Destination = buffer, Count = count, Type = type, Root = root };

    /// <summary>Collects a block of <paramref name="count"/> elements from each rank at the root.</summary>
    public static CollectiveCall Gather(void* source, void* destination, long count, ElementType type, int root) =>
        new() { Collective = CollectiveKind.Gather, Source = source, Destination = destination, Count = count, Type = type, Root = root };

    /// <summary>Gives each rank its block of <paramref name="count"/> elements of the root's source.</summary>
    public static CollectiveCall Scatter(void* source, void* destination, long count, ElementType type, int root) =>
        new() { Collective = CollectiveKind.Scatter, Source = source, Destination = destination, Count = count, Type = type, Root = root };

    /// <summary>Sends a block of <paramref name="count"/> elements from each rank to each rank.</summary>
    public static CollectiveCall AllToAll(void* source, void* destination, long count, ElementType type) =>
        new() { Collective = CollectiveKind.AllToAll, Source = source, Destination = destination, Count = count, Type = type };

    /// <summary>No rank goes on before all have come.</summary>
    public static CollectiveCall Barrier() => new() { Collective = CollectiveKind.Barrier, Count = 1, Type = ElementType.U8, Op = ReduceOp.Max };

    /// <summary>Where this call's elements lie among all that the collective moves.</summary>
    internal CallRanges Ranges(int rank, int ranks)
    {
        long all = Collective is CollectiveKind.AllReduce or CollectiveKind.Reduce or CollectiveKind.Broadcast or CollectiveKind.Barrier
            ? Count : checked(Count * ranks);
        bool isRoot = rank == Root;
        (long, long) own = (rank * Count, Count), whole = (0, all), nothing = (0, 0);
        return Collective switch
        {
            CollectiveKind.ReduceScatter => new(all, whole, own),
            CollectiveKind.AllGather => new(all, own, whole),
            CollectiveKind.Reduce => new(all, whole, isRoot ? whole : nothing),
            CollectiveKind.Broadcast => new(all, isRoot ? whole : nothing, whole),
            CollectiveKind.Gather => new(all, own, isRoot ? whole : nothing),
            CollectiveKind.Scatter => new(all, isRoot ? whole : nothing, own),
            CollectiveKind.AllToAll => new(checked(all * ranks), whole, whole),
            _ => new(all, whole, whole),
        };
    }
}

/// <summary>A call's share of the elements that the chunks of its schedule number.</summary>
/// <param name="Total">The elements of all chunks together.</param>
/// <param name="Input">Where the contribution begins in the input, and its length; length 0 where the rank has none.</param>
/// <param name="Output">Where the result begins in data, and its length; length 0 where the rank gets none.</param>
internal readonly record struct CallRanges(long Total, (long Start, long Length) Input, (long Start, long Length) Output);

namespace HpcTrain.Mpi;

/// <content>
/// Blocking collectives on raw memory. Counts are elements per rank. Where source and destination are the same memory (for
/// a gather or scatter: where this rank's part already lies in its place), MPI works in place.
/// </content>
public sealed unsafe partial class Intracommunicator
{
    /// <summary>Returns on no rank before every rank has called it.</summary>
    public void Barrier()
    {
        if (YieldingWait.Needed)
            YieldingWait.Wait(ImmediateBarrier());
        else
            MpiGuard.Check(MpiCalls.Barrier(Live), "MPI_Barrier");
    }

    /// <summary>Gives every rank the root's data.</summary>
    /// <param name="data">Read on the root, written elsewhere.</param>
    /// <param name="count">Elements, the same on every rank.</param>
    /// <param name="type">Element type.</param>
    /// <param name="root">The rank that has the data.</param>
    public void Broadcast(void* data, long count, MpiDatatype type, int root)
    {
        if (YieldingWait.Needed)
        {
            YieldingWait.Wait(ImmediateBroadcast(data, count, type, root));
            return;
        }

        var handle = Live;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Bcast(data, message.Count, message.Type, root, handle), "MPI_Bcast");
    }

    /// <summary>Reduces over all ranks; every rank gets the result.</summary>
    /// <param name="source">This rank's contribution.</param>
    /// <param name="destination">The result; the same pointer as <paramref name="source"/> to reduce in place.</param>
    /// <param name="count">Elements, the same on every rank.</param>
    /// <param name="type">Element type.</param>
    /// <param name="op">The operation.</param>
    public void AllReduce(void* source, void* destination, long count, MpiDatatype type, MpiOp op)
    {
        if (YieldingWait.Needed)
        {
            YieldingWait.Wait(ImmediateAllReduce(source, destination, count, type, op));
            return;
        }

        var handle = Live;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Allreduce(OrInPlace(source, destination), destination, message.Count, message.Type,
            message.Operation(op), handle), "MPI_Allreduce");
    }

    /// <summary>Reduces over all ranks; the root gets the result.</summary>
    /// <param name="source">This rank's contribution.</param>
    /// <param name="destination">The result on the root (the same pointer as <paramref name="source"/> to reduce in place);
    /// not used elsewhere.</param>
    /// <param name="count">Elements, the same on every rank.</param>
    /// <param name="type">Element type.</param>
    /// <param name="op">The operation.</param>
    /// <param name="root">The rank that gets the result.</param>
    public void Reduce(void* source, void* destination, long count, MpiDatatype type, MpiOp op, int root)
    {
        if (YieldingWait.Needed)
        {
            YieldingWait.Wait(ImmediateReduce(source, destination, count, type, op, root));
            return;
        }

        var handle = Live;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Reduce(Rank == root ? OrInPlace(source, destination) : source, destination, message.Count,
            message.Type, message.Operation(op), root, handle), "MPI_Reduce");
    }

    /// <summary>Reduces over all ranks and leaves rank r the r-th part of the result.</summary>
    /// <param name="source">Size parts of <paramref name="count"/> elements.</param>
    /// <param name="destination">One part; the same pointer as <paramref name="source"/> to reduce in place (the part then lands
    /// at the start of the contribution).</param>
    /// <param name="count">Elements of one part.</param>
    /// <param name="type">Element type.</param>
    /// <param name="op">The operation.</param>
    public void ReduceScatterBlock(void* source, void* destination, long count, MpiDatatype type, MpiOp op)
    {
        if (YieldingWait.Needed)
        {
            YieldingWait.Wait(ImmediateReduceScatterBlock(source, destination, count, type, op));
            return;
        }

        var handle = Live;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.ReduceScatterBlock(OrInPlace(source, destination), destination, message.Count, message.Type,
            message.Operation(op), handle), "MPI_Reduce_scatter_block");
    }

    /// <summary>Gives every rank every rank's part, in rank order.</summary>
    /// <param name="source">This rank's part; or its place in <paramref name="destination"/> to gather in place.</param>
    /// <param name="destination">Size parts of <paramref name="count"/> elements.</param>
    /// <param name="count">Elements of one part.</param>
    /// <param name="type">Element type.</param>
    public void AllGather(void* source, void* destination, long count, MpiDatatype type)
    {
        if (YieldingWait.Needed)
        {
            YieldingWait.Wait(ImmediateAllGather(source, destination, count, type));
            return;
        }

        var handle = Live;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Allgather(OrInPlace(source, Part(destination, count, type)), message.Count, message.Type,
            destination, message.Count, message.Type, handle), "MPI_Allgather");
    }

    /// <summary>Gives the root every rank's part, in rank order.</summary>
    /// <param name="source">This rank's part; on the root it may be its place in <paramref name="destination"/>.</param>
    /// <param name="destination">On the root, Size parts of <paramref name="count"/> elements; not used elsewhere.</param>
    /// <param name="count">Elements of one part.</param>
    /// <param name="type">Element type.</param>
    /// <param name="root">The rank that gets them.</param>
    public void Gather(void* source, void* destination, long count, MpiDatatype type, int root)
    {
        if (YieldingWait.Needed)
        {
            YieldingWait.Wait(ImmediateGather(source, destination, count, type, root));
            return;
        }

        var handle = Live;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Gather(Rank == root ? OrInPlace(source, Part(destination, count, type)) : source, message.Count,
            message.Type, destination, message.Count, message.Type, root, handle), "MPI_Gather");
    }

    /// <summary>Gives rank r the r-th part of the root's data.</summary>
    /// <param name="source">On the root, Size parts of <paramref name="count"/> elements; not used elsewhere.</param>
    /// <param name="destination">One part; on the root it may be its place in <paramref name="source"/>.</param>
    /// <param name="count">Elements of one part.</param>
    /// <param name="type">Element type.</param>
    /// <param name="root">The rank that has the data.</param>
    public void Scatter(void* source, void* destination, long count, MpiDatatype type, int root)
    {
        if (YieldingWait.Needed)
        {
            YieldingWait.Wait(ImmediateScatter(source, destination, count, type, root));
            return;
        }

        var handle = Live;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Scatter(source, message.Count, message.Type,
            Rank == root ? OrInPlace(destination, Part(source, count, type)) : destination, message.Count, message.Type, root,
            handle), "MPI_Scatter");
    }

    /// <summary>Sends part j to rank j, and gets a part from every rank, in rank order.</summary>
    /// <param name="source">Size parts of <paramref name="count"/> elements.</param>
    /// <param name="destination">Size parts; the same pointer as <paramref name="source"/> to exchange in place.</param>
    /// <param name="count">Elements of one part.</param>
    /// <param name="type">Element type.</param>
    public void AllToAll(void* source, void* destination, long count, MpiDatatype type)
    {
        if (YieldingWait.Needed)
        {
            YieldingWait.Wait(ImmediateAllToAll(source, destination, count, type));
            return;
        }

        var handle = Live;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Alltoall(OrInPlace(source, destination), message.Count, message.Type, destination, message.Count,
            message.Type, handle), "MPI_Alltoall");
    }

    /// <summary>MPI forbids naming the same memory twice, and has a special value for it.</summary>
    private static void* OrInPlace(void* one, void* other) => one == other ? (void*)MpiCalls.Abi.InPlace : one;

    private void* Part(void* all, long count, MpiDatatype type) =>
        all == null ? null : (byte*)all + (Rank * count * type.SizeInBytes());
}

namespace HpcTrain.Mpi;

/// <content>
/// Nonblocking collectives: as their blocking forms, but they only start. Ranks start them in the same order; the memory
/// (native or pinned) must stay in place and untouched until the request is complete, and the work moves on inside Test and Wait.
/// </content>
public sealed unsafe partial class Intracommunicator
{
    /// <summary>Starts a <see cref="Barrier"/>.</summary>
    /// <returns>The request to complete.</returns>
    public Request ImmediateBarrier()
    {
        nint request = 0;
        MpiGuard.Check(MpiCalls.Ibarrier(Live, &request), "MPI_Ibarrier");
        return new Request(request);
    }

    /// <summary>Starts a <see cref="Broadcast(void*, long, MpiDatatype, int)"/>.</summary>
    /// <param name="data">Read on the root, written elsewhere.</param>
    /// <param name="count">Elements.</param>
    /// <param name="type">Element type.</param>
    /// <param name="root">The rank that has the data.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateBroadcast(void* data, long count, MpiDatatype type, int root)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Ibcast(data, message.Count, message.Type, root, handle, &request), "MPI_Ibcast");
        return new Request(request);
    }

    /// <summary>Starts an <see cref="AllReduce(void*, void*, long, MpiDatatype, MpiOp)"/>.</summary>
    /// <param name="source">This rank's contribution.</param>
    /// <param name="destination">The result; the same pointer to reduce in place.</param>
    /// <param name="count">Elements.</param>
    /// <param name="type">Element type.</param>
    /// <param name="op">The operation.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateAllReduce(void* source, void* destination, long count, MpiDatatype type, MpiOp op)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Iallreduce(OrInPlace(source, destination), destination, message.Count, message.Type,
            message.Operation(op), handle, &request), "MPI_Iallreduce");
        return new Request(request);
    }

    /// <summary>Starts a <see cref="Reduce(void*, void*, long, MpiDatatype, MpiOp, int)"/>.</summary>
    /// <param name="source">This rank's contribution.</param>
    /// <param name="destination">The result on the root.</param>
    /// <param name="count">Elements.</param>
    /// <param name="type">Element type.</param>
    /// <param name="op">The operation.</param>
    /// <param name="root">The rank that gets the result.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateReduce(void* source, void* destination, long count, MpiDatatype type, MpiOp op, int root)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Ireduce(Rank == root ? OrInPlace(source, destination) : source, destination, message.Count,
            message.Type, message.Operation(op), root, handle, &request), "MPI_Ireduce");
        return new Request(request);
    }

    /// <summary>Starts a <see cref="ReduceScatterBlock(void*, void*, long, MpiDatatype, MpiOp)"/>.</summary>
    /// <param name="source">Size parts.</param>
    /// <param name="destination">One part; the same pointer to reduce in place.</param>
    /// <param name="count">Elements of one part.</param>
    /// <param name="type">Element type.</param>
    /// <param name="op">The operation.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateReduceScatterBlock(void* source, void* destination, long count, MpiDatatype type, MpiOp op)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.IreduceScatterBlock(OrInPlace(source, destination), destination, message.Count, message.Type,
            message.Operation(op), handle, &request), "MPI_Ireduce_scatter_block");
        return new Request(request);
    }

    /// <summary>Starts an <see cref="AllGather(void*, void*, long, MpiDatatype)"/>.</summary>
    /// <param name="source">This rank's part, or its place in <paramref name="destination"/>.</param>
    /// <param name="destination">Size parts.</param>
    /// <param name="count">Elements of one part.</param>
    /// <param name="type">Element type.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateAllGather(void* source, void* destination, long count, MpiDatatype type)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Iallgather(OrInPlace(source, Part(destination, count, type)), message.Count, message.Type,
            destination, message.Count, message.Type, handle, &request), "MPI_Iallgather");
        return new Request(request);
    }

    /// <summary>Starts a <see cref="Gather(void*, void*, long, MpiDatatype, int)"/>.</summary>
    /// <param name="source">This rank's part.</param>
    /// <param name="destination">On the root, Size parts.</param>
    /// <param name="count">Elements of one part.</param>
    /// <param name="type">Element type.</param>
    /// <param name="root">The rank that gets them.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateGather(void* source, void* destination, long count, MpiDatatype type, int root)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Igather(Rank == root ? OrInPlace(source, Part(destination, count, type)) : source, message.Count,
            message.Type, destination, message.Count, message.Type, root, handle, &request), "MPI_Igather");
        return new Request(request);
    }

    /// <summary>Starts a <see cref="Scatter(void*, void*, long, MpiDatatype, int)"/>.</summary>
    /// <param name="source">On the root, Size parts.</param>
    /// <param name="destination">One part.</param>
    /// <param name="count">Elements of one part.</param>
    /// <param name="type">Element type.</param>
    /// <param name="root">The rank that has the data.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateScatter(void* source, void* destination, long count, MpiDatatype type, int root)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Iscatter(source, message.Count, message.Type,
            Rank == root ? OrInPlace(destination, Part(source, count, type)) : destination, message.Count, message.Type, root,
            handle, &request), "MPI_Iscatter");
        return new Request(request);
    }

    /// <summary>Starts an <see cref="AllToAll(void*, void*, long, MpiDatatype)"/>.</summary>
    /// <param name="source">Size parts.</param>
    /// <param name="destination">Size parts; the same pointer to exchange in place.</param>
    /// <param name="count">Elements of one part.</param>
    /// <param name="type">Element type.</param>
    /// <returns>The request to complete.</returns>
    public Request ImmediateAllToAll(void* source, void* destination, long count, MpiDatatype type)
    {
        var handle = Live;
        nint request = 0;
        using var message = new CountedType(count, type);
        MpiGuard.Check(MpiCalls.Ialltoall(OrInPlace(source, destination), message.Count, message.Type, destination, message.Count,
            message.Type, handle, &request), "MPI_Ialltoall");
        return new Request(request);
    }
}

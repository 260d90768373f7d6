using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <content>
/// The collectives on spans and pointers. All throw <see cref="ScheduleException"/> for an unknown algorithm, lengths that do not fit, a peer that
/// does not answer, and ranks that do not call the same; and <see cref="NotSupportedException"/> when an element is not an <see cref="ElementType"/>.
/// </content>
public sealed unsafe partial class CollectiveCommunicator
{
    // Spans are pinned until Wait has returned, which is when no message touches the memory any more.

    /// <summary>Reduces the buffers of all ranks, element by element, into all of them.</summary>
    /// <param name="buffer">This rank's contribution, and then the result. The same length on all ranks.</param>
    /// <param name="op">The operation. Integers wrap around on overflow; an average of integers is their wrapped sum divided toward zero.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult AllReduce<T>(Span<T> buffer, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null)
        where T : unmanaged
    {
        fixed (T* data = buffer)
            return Run(CollectiveCall.AllReduce(data, data, buffer.Length, ElementTypes.Of<T>(), op), options);
    }

    /// <summary>Reduces the sources of all ranks, element by element, into all destinations.</summary>
    /// <param name="source">This rank's contribution. The same length on all ranks.</param>
    /// <param name="destination">The result, as long as the source.</param>
    /// <param name="op">The operation, see <see cref="AllReduce{T}(Span{T}, ReduceOp, CollectiveOptions?)"/>.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult AllReduce<T>(ReadOnlySpan<T> source, Span<T> destination, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null)
        where T : unmanaged
    {
        RequireLength("allreduce", "destination", destination.Length, source.Length);
        fixed (T* from = source, to = destination)
            return Run(CollectiveCall.AllReduce(from, to, source.Length, ElementTypes.Of<T>(), op), options);
    }

    /// <summary>Reduces the buffers of all ranks, element by element, into all of them.</summary>
    /// <param name="buffer">This rank's contribution, and then the result: native or pinned memory, aligned to its elements.</param>
    /// <param name="count">Its length in elements; the same on all ranks.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">The operation, see <see cref="AllReduce{T}(Span{T}, ReduceOp, CollectiveOptions?)"/>.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult AllReduce(void* buffer, long count, ElementType type, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null) =>
        Run(CollectiveCall.AllReduce(buffer, buffer, count, type, op), options);

    /// <summary>Starts an allreduce in place, see <see cref="Start(in CollectiveCall, CollectiveOptions?)"/>.</summary>
    /// <param name="buffer">Native or pinned memory; not to be touched until the request is done.</param>
    /// <param name="count">Its length in elements; the same on all ranks.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">The operation, see <see cref="AllReduce{T}(Span{T}, ReduceOp, CollectiveOptions?)"/>.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    public CollectiveRequest AllReduceAsync(void* buffer, long count, ElementType type, ReduceOp op, CollectiveOptions? options = null) =>
        Start(CollectiveCall.AllReduce(buffer, buffer, count, type, op), options);

    /// <summary>Reduces the sources of all ranks; each gets its own block of the result.</summary>
    /// <param name="source">This rank's contribution: a block for each rank.</param>
    /// <param name="destination">This rank's block of the result. It may be that block of the source; the others are then undefined.</param>
    /// <param name="op">The operation, see <see cref="AllReduce{T}(Span{T}, ReduceOp, CollectiveOptions?)"/>.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult ReduceScatter<T>(ReadOnlySpan<T> source, Span<T> destination, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null)
        where T : unmanaged
    {
        RequireLength("reduce-scatter", "source", source.Length, (long)destination.Length * Size);
        fixed (T* from = source, to = destination)
            return Run(CollectiveCall.ReduceScatter(from, to, destination.Length, ElementTypes.Of<T>(), op), options);
    }

    /// <summary>Collects the blocks of all ranks on all ranks, in the order of ranks.</summary>
    /// <param name="source">This rank's block. It may be its place in the destination.</param>
    /// <param name="destination">A block for each rank.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult AllGather<T>(ReadOnlySpan<T> source, Span<T> destination, CollectiveOptions? options = null)
        where T : unmanaged
    {
        RequireLength("allgather", "destination", destination.Length, (long)source.Length * Size);
        fixed (T* from = source, to = destination)
            return Run(CollectiveCall.AllGather(from, to, source.Length, ElementTypes.Of<T>()), options);
    }

    /// <summary>Copies the root's buffer to the buffers of all ranks.</summary>
    /// <param name="buffer">The root's contribution; the others' result. The same length on all ranks.</param>
    /// <param name="root">The rank that has the data.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult Broadcast<T>(Span<T> buffer, int root, CollectiveOptions? options = null)
        where T : unmanaged
    {
        fixed (T* data = buffer)
            return Run(CollectiveCall.Broadcast(data, buffer.Length, ElementTypes.Of<T>(), root), options);
    }

    /// <summary>Reduces the sources of all ranks, element by element, into the root's destination.</summary>
    /// <param name="source">This rank's contribution. The same length on all ranks.</param>
    /// <param name="destination">At the root the result, as long as the source, or the source itself; elsewhere ignored.</param>
    /// <param name="root">The rank that gets the result.</param>
    /// <param name="op">The operation, see <see cref="AllReduce{T}(Span{T}, ReduceOp, CollectiveOptions?)"/>.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult Reduce<T>(ReadOnlySpan<T> source, Span<T> destination, int root, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null)
        where T : unmanaged
    {
        if (Rank == root)
            RequireLength("reduce", "destination", destination.Length, source.Length);
        fixed (T* from = source, to = destination)
            return Run(CollectiveCall.Reduce(from, to, source.Length, ElementTypes.Of<T>(), root, op), options);
    }

    /// <summary>Collects the blocks of all ranks at the root, in the order of ranks.</summary>
    /// <param name="source">This rank's block. At the root it may be its place in the destination.</param>
    /// <param name="destination">At the root a block for each rank; elsewhere ignored.</param>
    /// <param name="root">The rank that gets the blocks.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult Gather<T>(ReadOnlySpan<T> source, Span<T> destination, int root, CollectiveOptions? options = null)
        where T : unmanaged
    {
        if (Rank == root)
            RequireLength("gather", "destination", destination.Length, (long)source.Length * Size);
        fixed (T* from = source, to = destination)
            return Run(CollectiveCall.Gather(from, to, source.Length, ElementTypes.Of<T>(), root), options);
    }

    /// <summary>Gives each rank its block of the root's source.</summary>
    /// <param name="source">At the root a block for each rank; elsewhere ignored.</param>
    /// <param name="destination">This rank's block. At the root it may be its place in the source.</param>
    /// <param name="root">The rank that has the blocks.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult Scatter<T>(ReadOnlySpan<T> source, Span<T> destination, int root, CollectiveOptions? options = null)
        where T : unmanaged
    {
        if (Rank == root)
            RequireLength("scatter", "source", source.Length, (long)destination.Length * Size);
        fixed (T* from = source, to = destination)
            return Run(CollectiveCall.Scatter(from, to, destination.Length, ElementTypes.Of<T>(), root), options);
    }

    /// <summary>Sends a block from each rank to each rank.</summary>
    /// <param name="source">A block for each rank.</param>
    /// <param name="destination">A block from each rank; as long as the source, or the source itself.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult AllToAll<T>(ReadOnlySpan<T> source, Span<T> destination, CollectiveOptions? options = null)
        where T : unmanaged
    {
        RequireLength("all-to-all", "destination", destination.Length, source.Length);
        if (source.Length % Size != 0)
            throw new ScheduleException($"Rank {Rank} calls all-to-all with {source.Length} elements, which {Size} ranks cannot share equally.");
        fixed (T* from = source, to = destination)
            return Run(CollectiveCall.AllToAll(from, to, source.Length / Size, ElementTypes.Of<T>()), options);
    }

    /// <summary>Returns when all ranks have called it.</summary>
    /// <param name="options">How; by default the algorithm is chosen by rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult Barrier(CollectiveOptions? options = null) => Run(CollectiveCall.Barrier(), options);

    private void RequireLength(string collective, string what, long length, long needed)
    {
        if (length != needed)
            throw new ScheduleException($"Rank {Rank} calls {collective} with a {what} of {length} elements; it needs {needed}.");
    }
}

using HpcTrain.Kernels;
using ILGPU;

namespace HpcTrain.Collectives.Gpu;

/// <content>
/// The collectives on views. All throw <see cref="ScheduleException"/> for an unknown algorithm, lengths that do not fit, a peer that does not
/// answer, and ranks that do not call the same; <see cref="ArgumentException"/> for memory of another accelerator; and
/// <see cref="NotSupportedException"/> when an element is not an <see cref="ElementType"/>. Each has an asynchronous form, whose memory is not to be
/// touched until its request is done.
/// </content>
public sealed unsafe partial class DeviceCollectives
{
    /// <summary>Reduces the buffers of all ranks, element by element, into all of them.</summary>
    /// <param name="buffer">This rank's contribution, and then the result. The same length on all ranks.</param>
    /// <param name="op">The operation. Integers wrap around on overflow; an average of integers is their wrapped sum divided toward zero.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult AllReduce<T>(ArrayView<T> buffer, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null)
        where T : unmanaged =>
        AllReduceAsync(buffer, op, options).Wait();

    /// <inheritdoc cref="AllReduce{T}"/>
    /// <returns>The request, to be waited for.</returns>
    public DeviceRequest AllReduceAsync<T>(ArrayView<T> buffer, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null)
        where T : unmanaged
    {
        void* data = At(buffer, nameof(buffer));
        return Start(CollectiveCall.AllReduce(data, data, buffer.Length, ElementTypes.Of<T>(), op), options);
    }

    /// <summary>Reduces the sources of all ranks; each gets its own block of the result.</summary>
    /// <param name="source">This rank's contribution: a block for each rank.</param>
    /// <param name="destination">This rank's block of the result. It may be that block of the source; the others are then undefined.</param>
    /// <param name="op">The operation. Integers wrap around on overflow; an average of integers is their wrapped sum divided toward zero.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult ReduceScatter<T>(ArrayView<T> source, ArrayView<T> destination, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null)
        where T : unmanaged =>
        ReduceScatterAsync(source, destination, op, options).Wait();

    /// <inheritdoc cref="ReduceScatter{T}"/>
    /// <returns>The request, to be waited for.</returns>
    public DeviceRequest ReduceScatterAsync<T>(ArrayView<T> source, ArrayView<T> destination, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null)
        where T : unmanaged
    {
        RequireLength("reduce-scatter", "source", source.Length, destination.Length * _communicator.Size);
        return Start(CollectiveCall.ReduceScatter(At(source, nameof(source)), At(destination, nameof(destination)), destination.Length, ElementTypes.Of<T>(), op), options);
    }

    /// <summary>Collects the blocks of all ranks on all ranks, in the order of ranks.</summary>
    /// <param name="source">This rank's block. It may be its place in the destination.</param>
    /// <param name="destination">A block for each rank.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult AllGather<T>(ArrayView<T> source, ArrayView<T> destination, CollectiveOptions? options = null)
        where T : unmanaged =>
        AllGatherAsync(source, destination, options).Wait();

    /// <inheritdoc cref="AllGather{T}"/>
    /// <returns>The request, to be waited for.</returns>
    public DeviceRequest AllGatherAsync<T>(ArrayView<T> source, ArrayView<T> destination, CollectiveOptions? options = null)
        where T : unmanaged
    {
        RequireLength("allgather", "destination", destination.Length, source.Length * _communicator.Size);
        return Start(CollectiveCall.AllGather(At(source, nameof(source)), At(destination, nameof(destination)), source.Length, ElementTypes.Of<T>()), options);
    }

    /// <summary>Copies the root's buffer to the buffers of all ranks.</summary>
    /// <param name="buffer">The root's contribution; the others' result. The same length on all ranks.</param>
    /// <param name="root">The rank that has the data.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult Broadcast<T>(ArrayView<T> buffer, int root, CollectiveOptions? options = null)
        where T : unmanaged =>
        BroadcastAsync(buffer, root, options).Wait();

    /// <inheritdoc cref="Broadcast{T}"/>
    /// <returns>The request, to be waited for.</returns>
    public DeviceRequest BroadcastAsync<T>(ArrayView<T> buffer, int root, CollectiveOptions? options = null)
        where T : unmanaged =>
        Start(CollectiveCall.Broadcast(At(buffer, nameof(buffer)), buffer.Length, ElementTypes.Of<T>(), root), options);

    /// <summary>Reduces the sources of all ranks, element by element, into the root's destination.</summary>
    /// <param name="source">This rank's contribution. The same length on all ranks.</param>
    /// <param name="destination">At the root the result, as long as the source, or the source itself; elsewhere ignored.</param>
    /// <param name="root">The rank that gets the result.</param>
    /// <param name="op">The operation. Integers wrap around on overflow; an average of integers is their wrapped sum divided toward zero.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult Reduce<T>(ArrayView<T> source, ArrayView<T> destination, int root, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null)
        where T : unmanaged =>
        ReduceAsync(source, destination, root, op, options).Wait();

    /// <inheritdoc cref="Reduce{T}"/>
    /// <returns>The request, to be waited for.</returns>
    public DeviceRequest ReduceAsync<T>(ArrayView<T> source, ArrayView<T> destination, int root, ReduceOp op = ReduceOp.Sum, CollectiveOptions? options = null)
        where T : unmanaged
    {
        if (_communicator.Rank == root)
            RequireLength("reduce", "destination", destination.Length, source.Length);
        return Start(CollectiveCall.Reduce(At(source, nameof(source)), At(destination, nameof(destination)), source.Length, ElementTypes.Of<T>(), root, op), options);
    }

    /// <summary>Collects the blocks of all ranks at the root, in the order of ranks.</summary>
    /// <param name="source">This rank's block. At the root it may be its place in the destination.</param>
    /// <param name="destination">At the root a block for each rank; elsewhere ignored.</param>
    /// <param name="root">The rank that gets the blocks.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult Gather<T>(ArrayView<T> source, ArrayView<T> destination, int root, CollectiveOptions? options = null)
        where T : unmanaged =>
        GatherAsync(source, destination, root, options).Wait();

    /// <inheritdoc cref="Gather{T}"/>
    /// <returns>The request, to be waited for.</returns>
    public DeviceRequest GatherAsync<T>(ArrayView<T> source, ArrayView<T> destination, int root, CollectiveOptions? options = null)
        where T : unmanaged
    {
        if (_communicator.Rank == root)
            RequireLength("gather", "destination", destination.Length, source.Length * _communicator.Size);
        return Start(CollectiveCall.Gather(At(source, nameof(source)), At(destination, nameof(destination)), source.Length, ElementTypes.Of<T>(), root), options);
    }

    /// <summary>Gives each rank its block of the root's source.</summary>
    /// <param name="source">At the root a block for each rank; elsewhere ignored.</param>
    /// <param name="destination">This rank's block. At the root it may be its place in the source.</param>
    /// <param name="root">The rank that has the blocks.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult Scatter<T>(ArrayView<T> source, ArrayView<T> destination, int root, CollectiveOptions? options = null)
        where T : unmanaged =>
        ScatterAsync(source, destination, root, options).Wait();

    /// <inheritdoc cref="Scatter{T}"/>
    /// <returns>The request, to be waited for.</returns>
    public DeviceRequest ScatterAsync<T>(ArrayView<T> source, ArrayView<T> destination, int root, CollectiveOptions? options = null)
        where T : unmanaged
    {
        if (_communicator.Rank == root)
            RequireLength("scatter", "source", source.Length, destination.Length * _communicator.Size);
        return Start(CollectiveCall.Scatter(At(source, nameof(source)), At(destination, nameof(destination)), destination.Length, ElementTypes.Of<T>(), root), options);
    }

    /// <summary>Sends a block from each rank to each rank, in the order of ranks.</summary>
    /// <param name="source">A block for each rank.</param>
    /// <param name="destination">A block from each rank; as long as the source, or the source itself.</param>
    /// <param name="options">How; by default the algorithm is chosen by length and rank count.</param>
    /// <returns>What ran.</returns>
    public CollectiveResult AllToAll<T>(ArrayView<T> source, ArrayView<T> destination, CollectiveOptions? options = null)
        where T : unmanaged =>
        AllToAllAsync(source, destination, options).Wait();

    /// <inheritdoc cref="AllToAll{T}"/>
    /// <returns>The request, to be waited for.</returns>
    public DeviceRequest AllToAllAsync<T>(ArrayView<T> source, ArrayView<T> destination, CollectiveOptions? options = null)
        where T : unmanaged
    {
        RequireLength("all-to-all", "destination", destination.Length, source.Length);
        RequireLength("all-to-all", "source", source.Length, source.Length / _communicator.Size * _communicator.Size);
        return Start(CollectiveCall.AllToAll(At(source, nameof(source)), At(destination, nameof(destination)), source.Length / _communicator.Size, ElementTypes.Of<T>()), options);
    }

    private void RequireLength(string collective, string name, long length, long needed)
    {
        if (length != needed)
            throw new ScheduleException($"Rank {_communicator.Rank} calls {collective} with a {name} of {length} elements; it needs {needed}.");
    }
}

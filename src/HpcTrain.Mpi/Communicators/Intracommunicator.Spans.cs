namespace HpcTrain.Mpi;

/// <content>
/// Blocking collectives on spans. Types that MPI does not know travel as bytes where nothing is computed, and are refused with
/// <see cref="NotSupportedException"/> where something is. A span of the wrong length is an <see cref="ArgumentException"/>
/// before anything is sent.
/// </content>
public sealed unsafe partial class Intracommunicator
{
    /// <summary>Gives every rank the root's data.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="data">Read on the root, written elsewhere; the same length everywhere.</param>
    /// <param name="root">The rank that has the data.</param>
    public void Broadcast<T>(Span<T> data, int root)
        where T : unmanaged
    {
        fixed (T* pointer = data)
            Broadcast(pointer, MpiDatatypes.Transport<T>(data.Length, out var type), type, root);
    }

    /// <summary>Gives every rank the root's value.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="value">Read on the root, written elsewhere.</param>
    /// <param name="root">The rank that has the value.</param>
    public void Broadcast<T>(ref T value, int root)
        where T : unmanaged =>
        Broadcast(new Span<T>(ref value), root);

    /// <summary>Reduces over all ranks, in place; every rank gets the result.</summary>
    /// <typeparam name="T">A primitive number type.</typeparam>
    /// <param name="inPlace">This rank's contribution, then the result; the same length everywhere.</param>
    /// <param name="op">The operation.</param>
    public void AllReduce<T>(Span<T> inPlace, MpiOp op)
        where T : unmanaged
    {
        fixed (T* pointer = inPlace)
            AllReduce(pointer, pointer, inPlace.Length, MpiDatatypes.Of<T>(), op);
    }

    /// <summary>Reduces one value over all ranks.</summary>
    /// <typeparam name="T">A primitive number type.</typeparam>
    /// <param name="value">This rank's contribution.</param>
    /// <param name="op">The operation.</param>
    /// <returns>The result, the same on every rank.</returns>
    public T AllReduce<T>(T value, MpiOp op)
        where T : unmanaged
    {
        AllReduce(new Span<T>(ref value), op);
        return value;
    }

    /// <summary>Reduces over all ranks; the root gets the result.</summary>
    /// <typeparam name="T">A primitive number type.</typeparam>
    /// <param name="mine">This rank's contribution.</param>
    /// <param name="result">On the root, of the same length; not used elsewhere.</param>
    /// <param name="op">The operation.</param>
    /// <param name="root">The rank that gets the result.</param>
    public void Reduce<T>(ReadOnlySpan<T> mine, Span<T> result, MpiOp op, int root)
        where T : unmanaged
    {
        if (Rank == root)
            RequireLength(result.Length, mine.Length, nameof(result));
        fixed (T* from = mine)
        fixed (T* to = result)
            Reduce(from, to, mine.Length, MpiDatatypes.Of<T>(), op, root);
    }

    /// <summary>Reduces over all ranks and gives rank r the r-th part of the result.</summary>
    /// <typeparam name="T">A primitive number type.</typeparam>
    /// <param name="mine">This rank's contribution: Size parts.</param>
    /// <param name="part">One part.</param>
    /// <param name="op">The operation.</param>
    public void ReduceScatterBlock<T>(ReadOnlySpan<T> mine, Span<T> part, MpiOp op)
        where T : unmanaged
    {
        RequireLength(mine.Length, (long)part.Length * Size, nameof(mine));
        fixed (T* from = mine)
        fixed (T* to = part)
            ReduceScatterBlock(from, to, part.Length, MpiDatatypes.Of<T>(), op);
    }

    /// <summary>Gives every rank every rank's part, in rank order.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="mine">This rank's part; the same length everywhere.</param>
    /// <param name="all">Size parts.</param>
    public void AllGather<T>(ReadOnlySpan<T> mine, Span<T> all)
        where T : unmanaged
    {
        RequireLength(all.Length, (long)mine.Length * Size, nameof(all));
        fixed (T* from = mine)
        fixed (T* to = all)
            AllGather(from, to, MpiDatatypes.Transport<T>(mine.Length, out var type), type);
    }

    /// <summary>Gives every rank every rank's value.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="value">This rank's value.</param>
    /// <returns>The values in rank order; a new array.</returns>
    public T[] AllGather<T>(T value)
        where T : unmanaged
    {
        var all = new T[Size];
        AllGather(new ReadOnlySpan<T>(in value), all);
        return all;
    }

    /// <summary>Gives the root every rank's part, in rank order.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="mine">This rank's part; the same length everywhere.</param>
    /// <param name="all">On the root, Size parts; not used elsewhere.</param>
    /// <param name="root">The rank that gets them.</param>
    public void Gather<T>(ReadOnlySpan<T> mine, Span<T> all, int root)
        where T : unmanaged
    {
        if (Rank == root)
            RequireLength(all.Length, (long)mine.Length * Size, nameof(all));
        fixed (T* from = mine)
        fixed (T* to = all)
            Gather(from, to, MpiDatatypes.Transport<T>(mine.Length, out var type), type, root);
    }

    /// <summary>Gives rank r the r-th part of the root's data.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="all">On the root, Size parts; not used elsewhere.</param>
    /// <param name="mine">One part; the same length everywhere.</param>
    /// <param name="root">The rank that has the data.</param>
    public void Scatter<T>(ReadOnlySpan<T> all, Span<T> mine, int root)
        where T : unmanaged
    {
        if (Rank == root)
            RequireLength(all.Length, (long)mine.Length * Size, nameof(all));
        fixed (T* from = all)
        fixed (T* to = mine)
            Scatter(from, to, MpiDatatypes.Transport<T>(mine.Length, out var type), type, root);
    }

    /// <summary>Sends part j to rank j, and gets a part from every rank, in rank order.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="outgoing">Size parts.</param>
    /// <param name="incoming">Size parts.</param>
    public void AllToAll<T>(ReadOnlySpan<T> outgoing, Span<T> incoming)
        where T : unmanaged
    {
        RequireLength(incoming.Length, outgoing.Length, nameof(incoming));
        if (outgoing.Length % Size != 0)
            throw new ArgumentException($"{outgoing.Length} elements are not a whole number of parts for {Size} ranks.", nameof(outgoing));
        fixed (T* from = outgoing)
        fixed (T* to = incoming)
            AllToAll(from, to, MpiDatatypes.Transport<T>(outgoing.Length / Size, out var type), type);
    }

    private static void RequireLength(long length, long expected, string parameter)
    {
        if (length != expected)
            throw new ArgumentException($"the span has {length} elements where the call needs {expected}.", parameter);
    }
}

using System.Runtime.CompilerServices;
using HpcTrain.Collectives.Execution;
using HpcTrain.Collectives.Node;

namespace HpcTrain.Collectives;

/// <summary>
/// Memory that belongs to a communicator: native, aligned to 64 bytes, zero at first. The ranks of a node see each other's, so collectives on it need no
/// copies there. It lives until it is disposed, which all ranks do in the same order, or its communicator is.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed unsafe class CollectiveBuffer<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBlock? _own;
    private readonly byte* _start;
    private readonly NodeBlock? _shared;
    private readonly ICollection<IDisposable> _siblings;

    /// <param name="count">Its length in elements.</param>
    /// <param name="siblings">The communicator's buffers, which this one joins until it is disposed.</param>
    /// <param name="node">The memory of the node, or null for memory that only this rank sees.</param>
    internal CollectiveBuffer(long count, ICollection<IDisposable> siblings, NodeMemory? node)
    {
        Count = count;
        _siblings = siblings;
        long bytes = checked(count * Unsafe.SizeOf<T>());
        if (node == null)
        {
            _own = new NativeBlock(bytes);
            _start = _own.Pointer;
        }
        else
        {
            _shared = node.Allocate(bytes);
            _start = _shared.Part(node.Rank);
        }

        siblings.Add(this);
    }

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    /// <summary>The first element.</summary>
    /// <exception cref="ObjectDisposedException">The buffer is gone.</exception>
    public T* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return (T*)_start;
        }
    }

    /// <summary>All elements.</summary>
    /// <exception cref="OverflowException">There are more than a span can hold (2^31 - 1); use <see cref="Pointer"/>.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is gone.</exception>
    public Span<T> Span => new(Pointer, checked((int)Count));

    /// <summary>
    /// The first element of a neighbour's part, in this process. What one rank writes others read after a collective that orders the two, as
    /// <see cref="CollectiveCommunicator.Barrier"/>.
    /// </summary>
    /// <param name="rank">A rank of this node, numbered within the node.</param>
    /// <exception cref="InvalidOperationException">The memory belongs to this rank alone, see <see cref="CollectiveCommunicator.SharesOneNode"/>.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is gone.</exception>
    public T* PartOf(int rank)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return _shared == null ? throw new InvalidOperationException("the buffer is seen by this rank alone.") : (T*)_shared.Part(rank);
    }

    private bool IsDisposed { get; set; }

    /// <summary>Frees the memory; a collective call where a node has several ranks. No operation on it may be under way.</summary>
    public void Dispose()
    {
        if (IsDisposed)
            return;
        IsDisposed = true;
        _siblings.Remove(this);
        _own?.Dispose();
        _shared?.Dispose();
    }
}

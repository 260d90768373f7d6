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
    private readonly IDisposable _memory;
    private readonly byte* _start;
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
            var block = new NativeBlock(bytes);
            _memory = block;
            _start = block.Pointer;
        }
        else
        {
            NodeBlock block = node.Allocate(bytes);
            _memory = block;
            _start = block.Part(node.Rank);
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

    private bool IsDisposed { get; set; }

    /// <summary>Frees the memory; a collective call where a node has several ranks. No operation on it may be under way.</summary>
    public void Dispose()
    {
        if (IsDisposed)
            return;
        IsDisposed = true;
        _siblings.Remove(this);
        _memory.Dispose();
    }
}

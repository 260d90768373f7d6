using System.Runtime.CompilerServices;
using HpcTrain.Collectives.Execution;

namespace HpcTrain.Collectives;

/// <summary>
/// Memory that belongs to a communicator: native, aligned to 64 bytes, zero at first. It lives until it is disposed or its communicator is.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed unsafe class CollectiveBuffer<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBlock _memory;
    private readonly ISet<IDisposable> _siblings;

    /// <param name="count">Its length in elements.</param>
    /// <param name="siblings">The communicator's buffers, which this one joins until it is disposed.</param>
    internal CollectiveBuffer(long count, ISet<IDisposable> siblings)
    {
        Count = count;
        _siblings = siblings;
        siblings.Add(this);
        _memory = new(checked(count * Unsafe.SizeOf<T>()));
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
            return (T*)_memory.Pointer;
        }
    }

    /// <summary>All elements.</summary>
    /// <exception cref="OverflowException">There are more than a span can hold (2^31 - 1); use <see cref="Pointer"/>.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is gone.</exception>
    public Span<T> Span => new(Pointer, checked((int)Count));

    private bool IsDisposed { get; set; }

    /// <summary>Frees the memory. No operation on it may be under way.</summary>
    public void Dispose()
    {
        IsDisposed = true;
        _siblings.Remove(this);
        _memory.Dispose();
    }
}

using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>
/// Memory for the lists of one operator call: first the caller's stack, beyond that the heap. Nearly every call has room
/// on the stack, so it costs nothing.
/// </summary>
internal unsafe ref struct Scratch(byte* stack, int length)
{
    private readonly byte* _stack = stack;
    private readonly int _length = length;
    private int _used;
    private List<nint>? _heap;

    /// <summary>Room for <paramref name="count"/> values, aligned for any of them, until <see cref="Dispose"/>.</summary>
    public T* Take<T>(int count) where T : unmanaged
    {
        var bytes = checked(((count * sizeof(T)) + 15) & ~15);
        if (_used + bytes <= _length)
        {
            var place = _stack + _used;
            _used += bytes;
            return (T*)place;
        }

        var block = NativeMemory.Alloc((nuint)bytes);
        (_heap ??= []).Add((nint)block);
        return (T*)block;
    }

    public readonly void Dispose()
    {
        if (_heap is null) return;
        foreach (var block in _heap) NativeMemory.Free((void*)block);
    }
}

using System.Runtime.InteropServices;

namespace HpcTrain.Kernels.Tests;

/// <summary>
/// Native memory for <c>count</c> elements that starts <c>offset</c> elements behind a 64-byte boundary, with guard bytes on both
/// sides that <see cref="AssertGuardsIntact"/> compares with what was written there at first.
/// </summary>
internal sealed unsafe class GuardedArray : IDisposable
{
    private const int GuardBytes = 128;
    private const byte Guard = 0xA5;
    private readonly byte* _block;
    private readonly nuint _blockBytes;

    public GuardedArray(ElementType type, int count, int offset = 0)
    {
        Type = type;
        Count = count;
        int size = type.SizeInBytes();
        int lead = GuardBytes + offset * size;
        _blockBytes = (nuint)(lead + count * size + GuardBytes);
        _block = (byte*)NativeMemory.AlignedAlloc(_blockBytes, 64);
        new Span<byte>(_block, (int)_blockBytes).Fill(Guard);
        Pointer = _block + lead;
        Bytes.Clear();
    }

    public ElementType Type { get; }
    public int Count { get; }
    public byte* Pointer { get; }
    public nint Address => (nint)Pointer;
    public Span<byte> Bytes => new(Pointer, Count * Type.SizeInBytes());
    public Span<T> Of<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    /// <summary>An array with these elements.</summary>
    public static GuardedArray From<T>(ReadOnlySpan<T> values, int offset = 0) where T : unmanaged
    {
        var array = new GuardedArray(ElementTypes.Of<T>(), values.Length, offset);
        values.CopyTo(array.Of<T>());
        return array;
    }

    public void AssertGuardsIntact()
    {
        var before = new ReadOnlySpan<byte>(_block, (int)(Pointer - _block));
        byte* end = Pointer + Bytes.Length;
        var after = new ReadOnlySpan<byte>(end, (int)(_block + _blockBytes - end));
        if (before.ContainsAnyExcept(Guard) || after.ContainsAnyExcept(Guard))
            Assert.Fail($"A kernel wrote outside its {Count} elements of {Type.Name()}.");
    }

    public void Dispose() => NativeMemory.AlignedFree(_block);
}

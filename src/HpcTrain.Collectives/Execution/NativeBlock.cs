using System.Runtime.InteropServices;

namespace HpcTrain.Collectives.Execution;

/// <summary>Native memory at a 64-byte boundary, freed when it is disposed or forgotten. It starts as zeros.</summary>
internal sealed unsafe class NativeBlock : MemoryBlock
{
    public const int Alignment = 64;

    private void* _pointer;

    /// <param name="bytes">Its length; 0 gives a block without memory.</param>
    public NativeBlock(long bytes)
    {
        Bytes = bytes;
        if (bytes == 0)
            return;
        _pointer = NativeMemory.AlignedAlloc(checked((nuint)bytes), Alignment);
        NativeMemory.Clear(_pointer, (nuint)bytes);
        GC.AddMemoryPressure(bytes);
    }

    ~NativeBlock() => Free();

    public override byte* Pointer => (byte*)_pointer;

    public long Bytes { get; }

    public override void Abandon() => _pointer = null;

    public override void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_pointer == null)
            return;
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        GC.RemoveMemoryPressure(Bytes);
    }
}

using System.Runtime.InteropServices;

namespace HpcTrain.Training.Servers;

/// <summary>Native memory of a message, which may grow while no message is under way in it; what it held is lost then.</summary>
internal sealed unsafe class MessageMemory : IDisposable
{
    private const nuint Alignment = 64;
    private long _bytes;

    /// <summary>Its first byte; null while there is none.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>Makes it at least so long.</summary>
    public void Ensure(long bytes)
    {
        if (bytes > _bytes)
        {
            Dispose();
            Pointer = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
            _bytes = bytes;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        _bytes = 0;
    }
}

namespace HpcTrain.Collectives.Execution;

/// <summary>Memory of a <see cref="ComputeDevice"/>, at a 64-byte boundary, freed when it is disposed.</summary>
internal abstract unsafe class MemoryBlock : IDisposable
{
    /// <summary>Its address on the device; null when its length is 0.</summary>
    public abstract byte* Pointer { get; }

    /// <summary>Gives the memory up without freeing it, because someone else may still write there.</summary>
    public abstract void Abandon();

    public abstract void Dispose();
}

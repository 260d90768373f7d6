namespace HpcTrain.Collectives.Node;

/// <summary>Where an address lies in memory that the ranks of a node share.</summary>
/// <param name="Block">The block's number, the same on all ranks; <see cref="None"/> has -1.</param>
/// <param name="Offset">Bytes from the beginning of the rank's part of the block.</param>
internal readonly record struct MemoryPlace(int Block, long Offset)
{
    /// <summary>Memory that the neighbours do not see.</summary>
    public static MemoryPlace None { get; } = new(-1, 0);

    /// <summary>No memory, which needs not be seen.</summary>
    public static MemoryPlace Empty { get; } = new(-3, 0);

    public bool IsVisible => Block != -1;
}

/// <summary>Memory of which each rank of a node has a part that all others read and write.</summary>
internal abstract unsafe class NodeBlock(int number, long bytes) : IDisposable
{
    /// <summary>Its number, the same on all ranks.</summary>
    public int Number => number;

    /// <summary>The length of this rank's part.</summary>
    public long Bytes => bytes;

    /// <summary>The beginning of a rank's part, at a cache line.</summary>
    public abstract byte* Part(int rank);

    /// <summary>Frees it. A collective call.</summary>
    public abstract void Dispose();
}

/// <summary>How the ranks of one node come to memory that all of them see. Ranks are numbered within the node.</summary>
internal abstract unsafe class NodeMemory : IDisposable
{
    /// <summary>This rank's number on its node.</summary>
    public abstract int Rank { get; }

    /// <summary>The ranks of the node.</summary>
    public abstract int Size { get; }

    /// <summary>Allocates a block, zeroed, this rank's part first touched by this rank. A collective call; lengths may differ.</summary>
    public abstract NodeBlock Allocate(long bytes);

    /// <summary>A block for the flags of one engine; a collective call, except among threads.</summary>
    public virtual NodeBlock AllocateBoard(long bytes) => Allocate(bytes);

    /// <summary>Where this rank's memory lies for the others.</summary>
    public abstract MemoryPlace Locate(void* address, long bytes);

    /// <summary>The address, in this process, of a place in another rank's memory.</summary>
    public abstract byte* Resolve(int rank, MemoryPlace place);

    public abstract void Dispose();
}

using System.Runtime.CompilerServices;

namespace HpcTrain.Collectives.Node;

/// <summary>The flags, slots and staging areas by which the ranks of a node talk. Each rank writes its own part only; the others read it.</summary>
internal sealed unsafe class NodeBoard : IDisposable
{
    // Idea. A counter has a pair of cache lines to itself, because processors fetch lines in pairs. Counters only grow, so nothing is ever reset. The
    // slot of operation k is the k-th in a ring; its first line carries the number of the operation, so that a message of up to 48 bytes is one line
    // that moves from one core to another.
    // x86 keeps stores in order and loads in order, so a release store of the number after the payload, and an acquire load of it before, is all it takes.
    private const int Line = 128;

    /// <summary>
    /// Operations of which slots exist at a time. So many short broadcasts or reductions may run ahead of the ranks that take them, which costs one switch of
    /// threads for all of them where ranks outnumber cores.
    /// </summary>
    public const int Depth = 16;

    /// <summary>The longest contribution that a slot takes.</summary>
    public const int SlotBytes = 32 * 1024;

    /// <summary>The bytes of one staging area: what a rank shows the others of a piece.</summary>
    public const int StageBytes = 256 * 1024;

    /// <summary>Pieces that may be staged at a time.</summary>
    public const int StageDepth = 2;

    private const int InlineBytes = 48;
    private const int HeaderBytes = 128;
    private const int SlotsAt = 4 * Line;
    private const int SlotStride = HeaderBytes + SlotBytes;
    private const int StagesAt = SlotsAt + (Depth * SlotStride);
    private const int ResultsAt = StagesAt + (StageDepth * StageBytes);
    private const int TotalBytes = ResultsAt + (StageDepth * StageBytes);

    private readonly NodeBlock _block;
    private readonly byte*[] _parts;

    public NodeBoard(NodeMemory memory)
    {
        _block = memory.AllocateBoard(TotalBytes);
        _parts = new byte*[memory.Size];
        for (int rank = 0; rank < memory.Size; rank++)
            _parts[rank] = _block.Part(rank);
    }

    /// <summary>This rank knows that all ranks have ended this operation and those before.</summary>
    public long KnownDone { get; set; }

    /// <summary>The pieces of all operations so far; the same on all ranks.</summary>
    public long Pieces { get; set; }

    /// <summary>Reads a rank's counter; what it wrote before it counted is then visible.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Read(NodeCounter counter, int rank) => Volatile.Read(ref *(long*)(_parts[rank] + ((int)counter * Line)));

    /// <summary>Sets this rank's counter, after everything that it has written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(NodeCounter counter, int rank, long value) => Volatile.Write(ref *(long*)(_parts[rank] + ((int)counter * Line)), value);

    /// <summary>The head of a rank's slot for an operation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SlotHead* Slot(int rank, long operation) => (SlotHead*)(_parts[rank] + SlotsAt + (operation % Depth * SlotStride));

    /// <summary>Where a slot's payload of that length lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Payload(SlotHead* slot, long bytes) => (byte*)slot + (bytes <= InlineBytes ? sizeof(SlotHead) - InlineBytes : HeaderBytes);

    /// <summary>What a rank shows of a piece.</summary>
    public byte* Stage(int rank, long piece) => _parts[rank] + StagesAt + (piece % StageDepth * StageBytes);

    /// <summary>What a rank has reduced of a piece.</summary>
    public byte* Result(int rank, long piece) => _parts[rank] + ResultsAt + (piece % StageDepth * StageBytes);

    public void Dispose() => _block.Dispose();
}

/// <summary>What the ranks count.</summary>
internal enum NodeCounter
{
    /// <summary>Operations that the rank has ended, and no longer touches.</summary>
    Done,

    /// <summary>Pieces that the rank has put into its staging area.</summary>
    Staged,

    /// <summary>Pieces of which the rank has reduced its share.</summary>
    Reduced,

    /// <summary>Pieces of which the rank no longer reads the staging areas of others.</summary>
    Consumed,
}

/// <summary>The first line of a slot.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Size = 64)]
internal struct SlotHead
{
    /// <summary>The operation that this is about, written last.</summary>
    public long Operation;

    /// <summary>What the rank has called, see <see cref="CallSignature"/>.</summary>
    public long Signature;

    /// <summary>The contribution's place when it stays where it is. A short payload lies here instead.</summary>
    public MemoryPlace Source;

    /// <summary>The result's place.</summary>
    public MemoryPlace Destination;
}

using HpcTrain.Collectives.Execution;

namespace HpcTrain.Collectives.Node;

/// <summary>What the ranks of an <see cref="InProcessFabric"/> share: the parts of all blocks.</summary>
internal sealed unsafe class InProcessNode(int ranks, bool seesAllMemory)
{
    private readonly List<NativeBlock?[]> _blocks = [];
    private readonly List<NativeBlock[]> _boards = [];

    public int Ranks => ranks;

    /// <summary>Whether every address counts as visible, as it is in one process; otherwise only blocks are.</summary>
    public bool SeesAllMemory => seesAllMemory;

    /// <summary>The flags of the ranks' n-th engines; whoever comes first makes them for all.</summary>
    public NativeBlock[] Board(int number, long bytes)
    {
        lock (_boards)
        {
            while (_boards.Count <= number)
                _boards.Add([.. Enumerable.Range(0, ranks).Select(_ => new NativeBlock(bytes))]);
            return _boards[number];
        }
    }

    /// <summary>Adds a rank's part of a block and waits for the others to add theirs.</summary>
    public NativeBlock?[] Join(int number, int rank, NativeBlock part)
    {
        NativeBlock?[] parts;
        lock (_blocks)
        {
            while (_blocks.Count <= number)
                _blocks.Add(new NativeBlock?[ranks]);
            parts = _blocks[number];
            parts[rank] = part;
            Monitor.PulseAll(_blocks);
            while (parts.Contains(null))
            {
                if (!Monitor.Wait(_blocks, TimeSpan.FromSeconds(60)))
                    throw new ScheduleException($"Rank {rank} waited 60 s for the other ranks to allocate their part of block {number}; allocation is a collective call.");
            }
        }

        return parts;
    }

    public NativeBlock Part(int number, int rank)
    {
        lock (_blocks)
            return _blocks[number][rank]!;
    }
}

/// <summary>Ranks that are threads of one process.</summary>
internal sealed unsafe class InProcessNodeMemory(InProcessNode node, int rank) : NodeMemory
{
    private const int AnyAddress = -2;

    private readonly List<Block?> _blocks = [];
    private int _boards;

    public override int Rank => rank;

    public override int Size => node.Ranks;

    public override NodeBlock Allocate(long bytes)
    {
        var part = new NativeBlock(Math.Max(bytes, 1));
        var block = new Block(_blocks.Count, bytes, node.Join(_blocks.Count, rank, part), part);
        _blocks.Add(block);
        return block;
    }

    public override NodeBlock AllocateBoard(long bytes) => new Block(-1, bytes, node.Board(_boards++, bytes), own: null);

    public override MemoryPlace Locate(void* address, long bytes)
    {
        if (node.SeesAllMemory)
            return new(AnyAddress, (long)address);
        foreach (Block? block in _blocks)
        {
            if (block != null && (byte*)address - block.Part(rank) is >= 0 and var offset && offset + bytes <= block.Bytes)
                return new(block.Number, offset);
        }

        return MemoryPlace.None;
    }

    public override byte* Resolve(int other, MemoryPlace place) =>
        place.Block == AnyAddress ? (byte*)place.Offset : node.Part(place.Block, other).Pointer + place.Offset;

    public override void Dispose()
    {
    }

    private sealed class Block(int number, long bytes, NativeBlock?[] parts, NativeBlock? own) : NodeBlock(number, bytes)
    {
        public override byte* Part(int of) => parts[of]!.Pointer;

        public override void Dispose() => own?.Dispose();
    }
}

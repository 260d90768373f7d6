using HpcTrain.Mpi;

namespace HpcTrain.Collectives.Node;

/// <summary>The processes of a node: blocks are MPI shared windows.</summary>
internal sealed unsafe class MpiNodeMemory : NodeMemory
{
    private readonly Intracommunicator _node;
    private readonly List<Block?> _blocks = [];
    private readonly Meeting _meeting;
    private int _latest;

    /// <param name="node">The ranks that share memory; owned from now on.</param>
    public MpiNodeMemory(Intracommunicator node)
    {
        _node = node;
        _meeting = new(node);
    }

    public override int Rank => _node.Rank;

    public override int Size => _node.Size;

    public override NodeBlock Allocate(long bytes)
    {
        var block = new Block(this, _blocks.Count, SharedWindow.Allocate(_node, bytes), bytes);
        new Span<byte>(block.Part(Rank), (int)Math.Min(bytes, int.MaxValue)).Clear();
        for (long done = int.MaxValue; done < bytes; done += int.MaxValue)
            new Span<byte>(block.Part(Rank) + done, (int)Math.Min(bytes - done, int.MaxValue)).Clear();
        _node.Barrier();
        _blocks.Add(block);
        return block;
    }

    public override MemoryPlace Locate(void* address, long bytes)
    {
        // Mostly it is the block that it was the last time.
        if (_latest < _blocks.Count && _blocks[_latest] is { } latest && latest.Holds(address, bytes, Rank))
            return new(_latest, (byte*)address - latest.Part(Rank));
        for (int b = 0; b < _blocks.Count; b++)
        {
            if (_blocks[b] is { } block && block.Holds(address, bytes, Rank))
            {
                _latest = b;
                return new(b, (byte*)address - block.Part(Rank));
            }
        }

        return MemoryPlace.None;
    }

    public override byte* Resolve(int rank, MemoryPlace place) => _blocks[place.Block]!.Part(rank) + place.Offset;

    public override void Dispose()
    {
        foreach (Block? block in _blocks.ToArray())
            block?.Dispose();
        if (_meeting.AllCome())
            _node.Dispose();
    }

    /// <summary>From now on ranks may be missing, see <see cref="Meeting"/>.</summary>
    public void Fail() => _meeting.HasFailed = true;

    private sealed class Block : NodeBlock
    {
        private readonly MpiNodeMemory _owner;
        private readonly SharedWindow _window;
        private readonly nint[] _parts;
        private bool _disposed;

        public Block(MpiNodeMemory owner, int number, SharedWindow window, long bytes)
            : base(number, bytes)
        {
            _owner = owner;
            _window = window;
            _parts = [.. Enumerable.Range(0, owner.Size).Select(window.Address)];
        }

        public override byte* Part(int rank) => (byte*)_parts[rank];

        public bool Holds(void* address, long bytes, int rank)
        {
            long offset = (byte*)address - (byte*)_parts[rank];
            return offset >= 0 && offset + bytes <= Bytes;
        }

        public override void Dispose()
        {
            if (_disposed)
                return;
            _disposed = true;
            _owner._blocks[Number] = null;
            if (_owner._meeting.AllCome())
                _window.Dispose();
        }
    }
}

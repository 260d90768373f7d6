using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Node;

/// <content>Long messages in ordinary memory: piece by piece through staging areas.</content>
internal sealed unsafe partial class NodeRun
{
    // Idea. A piece goes through three stages. In: each rank copies what others need of its contribution into its staging area. Combine: each rank
    // reduces or copies what it needs from the areas of the others and from its own memory. Out, in an allreduce only: each rank has reduced its slice
    // of the piece into its destination and its result area; now it copies the slices of the others. Each stage of a piece needs only the stage before
    // of the others, and there are areas for two pieces, so that ranks work on one while they wait for the other. A piece stays in the caches.
    // Cost on n ranks, allreduce: 2 copies of the buffer and (n-1)/n more, besides the reduction; all at the speed of the caches.
    private long _pieces;
    private long _base;
    private long _pieceLength;
    private long _in;
    private long _combined;
    private long _out;
    private int _lookedIn;
    private int _lookedCombine;
    private int _lookedOut;

    private bool IsByBlocks => _call.Collective is CollectiveKind.ReduceScatter or CollectiveKind.AllToAll or CollectiveKind.Scatter;

    private bool HasOut => _call.Collective == CollectiveKind.AllReduce;

    private void BeginStaging()
    {
        const int LineBytes = 64;
        long room = NodeBoard.StageBytes / (IsByBlocks ? _size : 1) / LineBytes * LineBytes;
        _pieceLength = room / ElementBytes;
        _pieces = (_call.Count + _pieceLength - 1) / _pieceLength;
        _base = _board.Pieces;
        _board.Pieces += _pieces;
        _in = _combined = _out = 0;
        _lookedIn = _lookedCombine = _lookedOut = 0;
        if (!_traits.Gives)
            Skip(NodeCounter.Staged, out _in);
        if (!_traits.Takes)
            MoveOwn(0, _call.Count);
        if (!_traits.Takes)
            Skip(NodeCounter.Consumed, out _combined);
        if (!HasOut)
            Skip(NodeCounter.Reduced, out _out);
        _phase = Phase.Stage;
        FinishIfStaged();
    }

    private void Skip(NodeCounter counter, out long stage)
    {
        stage = _pieces;
        _board.Write(counter, _rank, _base + _pieces);
    }

    private bool Stage()
    {
        bool moved = StageIn() | StageCombine() | StageOut();
        FinishIfStaged();
        return moved;
    }

    private void FinishIfStaged()
    {
        if (_in == _pieces && _combined == _pieces && _out == _pieces)
            Finish();
    }

    private bool StageIn()
    {
        if (_in == _pieces || !AllReached(NodeCounter.Consumed, _base + _in - NodeBoard.StageDepth + 1, ref _lookedIn))
            return false;
        (long from, nint count) = Piece(_in);
        byte* stage = _board.Stage(_rank, _base + _in);
        byte* source = (byte*)_call.Source + (from * ElementBytes);
        nint bytes = count * ElementBytes;
        if (IsByBlocks)
        {
            for (int rank = 0; rank < _size; rank++)
            {
                if (rank != _rank)
                    HostKernels.Copy(stage + (rank * StageStride), source + (rank * _call.Count * ElementBytes), bytes);
            }
        }
        else if (HasOut)
        {
            // Everything but the own slice.
            (nint start, nint end) = PieceSlice(_rank, count);
            HostKernels.Copy(stage, source, start);
            HostKernels.Copy(stage + end, source + end, bytes - end);
        }
        else
        {
            HostKernels.Copy(stage, source, bytes);
        }

        _board.Write(NodeCounter.Staged, _rank, _base + ++_in);
        return true;
    }

    private bool StageCombine()
    {
        if (_combined == _pieces || (_traits.Gives && _combined == _in) || !AllReached(NodeCounter.Staged, _base + _combined + 1, ref _lookedCombine))
            return false;
        long piece = _combined;
        (long from, nint count) = Piece(piece);
        nint bytes = count * ElementBytes;
        nint offset = (nint)from * ElementBytes;
        nint block = (nint)_call.Count * ElementBytes;
        var destination = (byte*)_call.Destination;
        Span<nint> sources = stackalloc nint[_size];
        for (int rank = 0; rank < _size; rank++)
            sources[rank] = (nint)_board.Stage(rank, _base + piece);
        switch (_call.Collective)
        {
            case CollectiveKind.AllReduce:
                (nint start, nint end) = PieceSlice(_rank, count);
                sources[_rank] = (nint)_call.Source + offset;
                for (int rank = 0; rank < _size; rank++)
                    sources[rank] += start;
                Fold([(nint)destination + offset + start, (nint)_board.Result(_rank, _base + piece)], sources, (end - start) / ElementBytes);
                break;
            case CollectiveKind.Reduce:
                sources[_rank] = (nint)_call.Source + offset;
                Fold([(nint)destination + offset], sources, count);
                break;
            case CollectiveKind.ReduceScatter:
                for (int rank = 0; rank < _size; rank++)
                    sources[rank] += _rank * StageStride;
                sources[_rank] = (nint)_call.Source + (_rank * block) + offset;
                Fold([(nint)destination + offset], sources, count);
                break;
            case CollectiveKind.Broadcast:
                HostKernels.Copy(destination + offset, (void*)sources[_call.Root], bytes);
                break;
            case CollectiveKind.Scatter:
                HostKernels.Copy(destination + offset, (byte*)sources[_call.Root] + (_rank * StageStride), bytes);
                break;
            default:
                nint shift = IsByBlocks ? _rank * StageStride : 0;
                for (int rank = 0; rank < _size; rank++)
                {
                    if (rank != _rank)
                        HostKernels.Copy(destination + (rank * block) + offset, (byte*)sources[rank] + shift, bytes);
                }

                MoveOwn(from, count);
                break;
        }

        _combined++;
        _board.Write(HasOut ? NodeCounter.Reduced : NodeCounter.Consumed, _rank, _base + _combined);
        return true;
    }

    private bool StageOut()
    {
        if (_out == _combined || !HasOut || !AllReached(NodeCounter.Reduced, _base + _out + 1, ref _lookedOut))
            return false;
        (long from, nint count) = Piece(_out);
        byte* destination = (byte*)_call.Destination + (from * ElementBytes);
        for (int rank = 0; rank < _size; rank++)
        {
            (nint start, nint end) = PieceSlice(rank, count);
            if (rank != _rank)
                HostKernels.Copy(destination + start, _board.Result(rank, _base + _out), end - start);
        }

        _board.Write(NodeCounter.Consumed, _rank, _base + ++_out);
        return true;
    }

    /// <summary>Copies what the rank keeps of its own contribution.</summary>
    private void MoveOwn(long from, long count)
    {
        nint block = (nint)_call.Count * ElementBytes;
        nint offset = (nint)from * ElementBytes, bytes = (nint)count * ElementBytes;
        byte* source = (byte*)_call.Source + offset, destination = (byte*)_call.Destination + offset;
        switch (_call.Collective)
        {
            case CollectiveKind.AllGather or CollectiveKind.Gather when _call.Collective == CollectiveKind.AllGather || _rank == _call.Root:
                Move(destination + (_rank * block), source, bytes);
                break;
            case CollectiveKind.AllToAll:
                Move(destination + (_rank * block), source + (_rank * block), bytes);
                break;
            case CollectiveKind.Scatter when _rank == _call.Root:
                Move(destination, source + (_rank * block), bytes);
                break;
        }
    }

    private nint StageStride => (nint)_pieceLength * ElementBytes;

    private (long From, nint Count) Piece(long piece) =>
        (piece * _pieceLength, (nint)Math.Min(_pieceLength, _call.Count - (piece * _pieceLength)));

    /// <summary>A rank's slice of a piece, in bytes from the piece's beginning.</summary>
    private (nint Start, nint End) PieceSlice(int rank, nint count) => (SliceBytes(rank, count), SliceBytes(rank + 1, count));

    private nint SliceBytes(int rank, nint count)
    {
        const int LineBytes = 64;
        if (rank == _size)
            return count * ElementBytes;
        nint start = count * rank / _size * ElementBytes;
        return count * ElementBytes >= _size * LineBytes ? start / LineBytes * LineBytes : start;
    }
}

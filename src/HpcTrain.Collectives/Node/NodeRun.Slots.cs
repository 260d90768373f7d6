using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Node;

/// <content>Short messages: everything is in the slots.</content>
internal sealed unsafe partial class NodeRun
{
    // Idea. A contribution travels in the slot that announces its rank, so one look at each other rank is all the waiting there is: one store and one
    // load per neighbour. In an allreduce every rank reduces everything, all in the order of ranks, so all get the same bits (one-shot).
    // Cost on n ranks: alpha + (n-1) bytes (beta + gamma).

    private void TakeFromSlots()
    {
        Path = "slots";
        for (int rank = 0; rank < _size; rank++)
            _sources[rank] = (nint)(rank == _rank ? (byte*)_call.Source : NodeBoard.Payload(_board.Slot(rank, Operation), _traits.PayloadBytes));
        Combine();
        if (_traits.Giver < 0 && _traits.Taker < 0)
            _board.KnownDone = Math.Max(_board.KnownDone, Operation - 1);
        Finish();
    }

    private void Combine()
    {
        var count = (nint)_call.Count;
        nint block = count * ElementBytes;
        var destination = (byte*)_call.Destination;
        switch (_call.Collective)
        {
            case CollectiveKind.AllReduce:
                Fold(count);
                break;
            case CollectiveKind.Reduce when _traits.Takes:
                Fold(count);
                break;
            case CollectiveKind.ReduceScatter:
                for (int rank = 0; rank < _size; rank++)
                    _sources[rank] += _rank * block;
                Fold(count);
                break;
            case CollectiveKind.Broadcast when _traits.Takes:
                HostKernels.Copy(destination, (void*)_sources[_call.Root], block);
                break;
            case CollectiveKind.Scatter:
                Move(destination, (byte*)_sources[_call.Root] + (_rank * block), block);
                break;
            case CollectiveKind.AllGather or CollectiveKind.AllToAll:
            case CollectiveKind.Gather when _rank == _call.Root:
                nint shift = _call.Collective == CollectiveKind.AllToAll ? _rank * block : 0;
                for (int rank = 0; rank < _size; rank++)
                    Move(destination + (rank * block), (byte*)_sources[rank] + shift, block);
                break;
        }
    }

    private void Fold(nint count)
    {
        if (_call.Op == ReduceOp.Avg)
            HostKernels.ReduceManyTo(_call.Type, _call.Op, [(nint)_call.Destination], _sources, count, _size);
        else
            HostKernels.ReduceMany(_call.Type, _call.Op, _call.Destination, _sources, count);
    }

    private static void Move(byte* to, byte* from, nint bytes)
    {
        if (to != from)
            HostKernels.Copy(to, from, bytes);
    }
}

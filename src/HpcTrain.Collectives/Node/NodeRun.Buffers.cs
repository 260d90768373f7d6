using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Node;

/// <content>Long messages in buffers that all ranks see.</content>
internal sealed unsafe partial class NodeRun
{
    // Idea. All ranks announce where their buffers are; then each does an equal share of the whole work on everybody's buffers; then all wait until
    // all are done. In an allreduce rank r reads slice r of all sources and writes it into all destinations (direct): n reads and n writes of 1/n of
    // the buffer for each rank, the least there can be, and no two ranks touch the same elements. A broadcast reads slice r of the root once and
    // writes it everywhere, so that the root's neighbours do not copy while the root waits.
    // Cost on n ranks: 2 alpha + work/n, where work is what has to be read and written in all.
    private const long PortionBytes = 16 << 20;

    private long _from;
    private long _end;

    private void ChoosePath()
    {
        bool visible = true;
        for (int rank = 0; rank < _size; rank++)
        {
            SlotHead* slot = _board.Slot(rank, Operation);
            visible &= slot->Source.IsVisible && slot->Destination.IsVisible;
        }

        if (!visible)
        {
            Path = "staged";
            BeginStaging();
            return;
        }

        Path = "buffers";
        for (int rank = 0; rank < _size; rank++)
        {
            SlotHead* slot = _board.Slot(rank, Operation);
            _sources[rank] = Address(rank, slot->Source, _call.Source);
            _destinations[rank] = Address(rank, slot->Destination, _call.Destination);
        }

        (_from, _end) = _call.Collective switch
        {
            CollectiveKind.AllReduce or CollectiveKind.Reduce or CollectiveKind.Broadcast => (SliceStart(_rank), SliceStart(_rank + 1)),
            CollectiveKind.AllToAll => (0, _size * _call.Count),
            _ => (0, _call.Count),
        };
        _phase = Phase.Work;
    }

    private nint Address(int rank, MemoryPlace place, void* own)
    {
        if (rank == _rank)
            return (nint)own;
        return place == MemoryPlace.Empty ? 0 : (nint)_memory.Resolve(rank, place);
    }

    /// <summary>The first element of a rank's slice, on a cache line where slices are long enough for it to cost no balance.</summary>
    private long SliceStart(int rank)
    {
        const int LineBytes = 64, LinesToAlign = 64;
        if (rank == _size)
            return _call.Count;
        long start = (long)((Int128)_call.Count * rank / _size);
        long line = Math.Max(1, LineBytes / ElementBytes);
        return _call.Count / _size >= LinesToAlign * line ? start - (start % line) : start;
    }

    private void Work()
    {
        if (_from < _end)
        {
            long length = Math.Min(_end - _from, Math.Max(1, PortionBytes / ElementBytes));
            if (_call.Collective == CollectiveKind.AllToAll)
                length = Math.Min(length, _call.Count - (_from % _call.Count));
            Share(_from, (nint)length);
            _from += length;
        }

        if (_from < _end)
            return;
        _board.Write(NodeCounter.Done, _rank, Operation);
        _phase = Phase.AwaitOthers;
    }

    /// <summary>Does a part of this rank's share.</summary>
    private void Share(long from, nint count)
    {
        nint offset = (nint)from * ElementBytes;
        nint bytes = count * ElementBytes;
        nint block = (nint)_call.Count * ElementBytes;
        Span<nint> sources = stackalloc nint[_size];
        Span<nint> destinations = stackalloc nint[_size];
        switch (_call.Collective)
        {
            case CollectiveKind.AllReduce:
                Shift(_sources, offset, sources);
                Shift(_destinations, offset, destinations);
                Fold(destinations, sources, count);
                break;
            case CollectiveKind.Reduce:
                Shift(_sources, offset, sources);
                destinations[0] = _destinations[_call.Root] + offset;
                Fold(destinations[..1], sources, count);
                break;
            case CollectiveKind.ReduceScatter:
                Shift(_sources, offset + (_rank * block), sources);
                destinations[0] = _destinations[_rank] + offset;
                Fold(destinations[..1], sources, count);
                break;
            case CollectiveKind.Broadcast:
                Shift(_destinations, offset, destinations);
                HostKernels.CopyToMany(destinations, (void*)(_sources[_call.Root] + offset), bytes);
                break;
            case CollectiveKind.AllGather:
                Shift(_destinations, offset + (_rank * block), destinations);
                HostKernels.CopyToMany(destinations, (void*)(_sources[_rank] + offset), bytes);
                break;
            case CollectiveKind.Gather:
                Move((byte*)_destinations[_call.Root] + (_rank * block) + offset, (byte*)_sources[_rank] + offset, bytes);
                break;
            case CollectiveKind.Scatter:
                Move((byte*)_destinations[_rank] + offset, (byte*)_sources[_call.Root] + (_rank * block) + offset, bytes);
                break;
            case CollectiveKind.AllToAll:
                // Each begins with another target, so that not all write to one rank's memory at a time.
                int target = (int)(((from / _call.Count) + _rank) % _size);
                nint within = (nint)(from % _call.Count) * ElementBytes;
                Move((byte*)_destinations[target] + (_rank * block) + within, (byte*)_sources[_rank] + (target * block) + within, bytes);
                break;
        }
    }

    private void Fold(ReadOnlySpan<nint> destinations, ReadOnlySpan<nint> sources, nint count) =>
        HostKernels.ReduceManyTo(_call.Type, _call.Op, destinations, sources, count, _call.Op == ReduceOp.Avg ? _size : 0);

    private static void Shift(ReadOnlySpan<nint> addresses, nint offset, Span<nint> shifted)
    {
        for (int i = 0; i < addresses.Length; i++)
            shifted[i] = addresses[i] + offset;
    }
}

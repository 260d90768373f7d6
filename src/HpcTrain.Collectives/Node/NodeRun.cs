using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Node;

/// <summary>One collective of a node's ranks, from this rank's side: a state machine that never waits.</summary>
internal sealed unsafe partial class NodeRun : IDisposable
{
    // Idea. Every rank calls the same collectives, so they are numbered by counting. A rank announces itself in the slot of the operation; the slot is
    // free when all ranks have ended the operation that had it before, `NodeBoard.Depth` operations ago. Reductions fold in the order of ranks, whoever
    // computes and wherever the data lies, so the result's bits depend neither on the protocol nor on how the work is cut.
    private readonly NodeMemory _memory;
    private readonly NodeBoard _board;
    private readonly int _rank;
    private readonly int _size;
    private readonly nint[] _sources;
    private readonly nint[] _destinations;
    private CollectiveCall _call;
    private CallTraits _traits;
    private NodeProtocol _protocol;
    private Phase _phase;
    private NativeBlock? _scaled;
    private long _signature;
    private int _looked;
    private long _least;

    public NodeRun(NodeMemory memory, NodeBoard board)
    {
        _memory = memory;
        _board = board;
        _rank = memory.Rank;
        _size = memory.Size;
        _sources = new nint[_size];
        _destinations = new nint[_size];
    }

    private enum Phase
    {
        Done,
        AwaitSlot,
        AwaitContributions,
        AwaitBuffers,
        Work,
        AwaitOthers,
        Stage,
    }

    /// <summary>The number of the operation among those of the node.</summary>
    public long Operation { get; private set; }

    public bool IsDone => _phase == Phase.Done;

    /// <summary>How the data travelled.</summary>
    public string Path { get; private set; } = "";

    public void Begin(in CollectiveCall call, NodePlan plan, long operation)
    {
        _call = call;
        if (call.Premultiplies)
            Premultiply();
        _traits = plan.Traits;
        _protocol = plan.Protocol;
        _signature = plan.Signature;
        Operation = operation;
        _looked = 0;
        _phase = Phase.AwaitSlot;
    }

    /// <summary>Moves on as far as the other ranks allow, at most through one portion of work.</summary>
    /// <returns>Whether anything moved.</returns>
    public bool Step()
    {
        Phase before = _phase;
        if (_phase == Phase.AwaitSlot && SlotIsFree())
        {
            Announce();
            _looked = 0;
            _phase = _protocol == NodeProtocol.Slots ? Phase.AwaitContributions : Phase.AwaitBuffers;
        }

        switch (_phase)
        {
            case Phase.AwaitContributions:
                if (HaveAnnounced(_traits.Takes ? _traits.Giver : NobodyGives))
                    TakeFromSlots();
                break;
            case Phase.AwaitBuffers:
                if (HaveAnnounced(AllGive))
                {
                    _looked = 0;
                    ChoosePath();
                }

                break;
            case Phase.Work:
                Work();
                return true;
            case Phase.AwaitOthers:
                if (AllReached(NodeCounter.Done, Operation, ref _looked))
                {
                    _board.KnownDone = Operation;
                    _phase = Phase.Done;
                }

                break;
            case Phase.Stage:
                return Stage();
        }

        return _phase != before;
    }

    /// <summary>The phase, and for whom the run waits.</summary>
    public string Wait => (_phase switch
    {
        Phase.AwaitSlot => "start",
        Phase.AwaitContributions => "contributions",
        Phase.AwaitBuffers => "addresses",
        Phase.Stage => "staging",
        _ => "end",
    }) + $": waits for {Awaited()}";

    /// <summary>The error that says for whom the run waits.</summary>
    public ScheduleException Stalled(TimeSpan timeout) =>
        new($"Rank {_rank} of the node made no progress for {timeout.TotalSeconds:0.###} s in {CallSignature.Describe(_signature)} (operation {Operation} of the node): "
            + $"it waits for {Awaited()}. Check that this rank is alive and calls the same collectives in the same order; a longer wait is set by "
            + $"{CommunicatorOptions.StallTimeoutVariable}.", _rank, null, null)
        { IsStall = true };

    public void Dispose() => _scaled?.Dispose();

    private const int AllGive = -1;
    private const int NobodyGives = -2;

    private int ElementBytes => _traits.ElementBytes;

    /// <summary>Multiplies the contribution beforehand, in place where the caller reduces in place.</summary>
    private void Premultiply()
    {
        long count = _call.Ranges(_rank, _size).Input.Length;
        long bytes = count * _call.Type.SizeInBytes();
        bool isInPlace = _call.Source == _call.Destination;
        if (!isInPlace && (_scaled == null || _scaled.Bytes < bytes))
        {
            _scaled?.Dispose();
            _scaled = new(bytes);
        }

        void* scaled = isInPlace ? _call.Source : _scaled!.Pointer;
        HostKernels.Scale(_call.Type, scaled, _call.Source, (nint)count, _call.Factor);
        _call = _call with { Source = scaled };
    }

    private bool SlotIsFree()
    {
        // After an operation in which all ranks took from all, each rank knows that the others have ended the one before.
        long before = Operation - NodeBoard.Depth;
        if (before <= _board.KnownDone)
            return true;

        // How far they are is remembered: to look costs a transfer of a cache line, each time that it has changed.
        for (; _looked < _size; _looked++)
        {
            if (_looked == 0)
                _least = long.MaxValue;
            if (_looked == _rank)
                continue;
            long done = _board.Read(NodeCounter.Done, _looked);
            if (done < before)
                return false;
            _least = Math.Min(_least, done);
        }

        _looked = 0;
        _board.KnownDone = _least;
        return true;
    }

    private void Announce()
    {
        SlotHead* slot = _board.Slot(_rank, Operation);
        slot->Signature = _signature;
        if (_protocol == NodeProtocol.Buffers)
        {
            // An exchange in place would overwrite what others have not read yet. In some, each rank alone touches one of its buffers.
            bool isExchange = _call.Collective == CollectiveKind.AllToAll && _call.Source == _call.Destination;
            slot->Source = isExchange ? MemoryPlace.None
                : _call.Collective == CollectiveKind.AllGather ? MemoryPlace.Empty : PlaceOf(_call.Source, _traits.ContributedBytes);
            slot->Destination = _call.Collective == CollectiveKind.ReduceScatter ? MemoryPlace.Empty : PlaceOf(_call.Destination, _traits.ResultBytes);
        }
        else if (_traits.Gives)
        {
            Buffer.MemoryCopy(_call.Source, NodeBoard.Payload(slot, _traits.ContributedBytes), _traits.ContributedBytes, _traits.ContributedBytes);
        }

        Volatile.Write(ref slot->Operation, Operation);
    }

    private MemoryPlace PlaceOf(void* address, long bytes) => bytes > 0 ? _memory.Locate(address, bytes) : MemoryPlace.Empty;

    /// <summary>Whether the ranks that are waited for have come, and have called the same.</summary>
    private bool HaveAnnounced(int giver)
    {
        if (giver == NobodyGives)
            return true;
        for (; _looked < _size; _looked++)
        {
            if (_looked == _rank || (giver != AllGive && giver != _looked))
                continue;
            SlotHead* slot = _board.Slot(_looked, Operation);
            if (Volatile.Read(ref slot->Operation) != Operation)
                return false;
            if (slot->Signature != _signature)
                throw Mismatch(_looked, slot->Signature);
        }

        return true;
    }

    /// <summary>Whether every other rank has counted so far; looks again only at those that had not.</summary>
    private bool AllReached(NodeCounter counter, long value, ref int looked)
    {
        for (; looked < _size; looked++)
        {
            if (looked != _rank && _board.Read(counter, looked) < value)
                return false;
        }

        looked = 0;
        return true;
    }

    private void Finish()
    {
        _board.Write(NodeCounter.Done, _rank, Operation);
        _phase = Phase.Done;
    }

    private ScheduleException Mismatch(int other, long signature) =>
        new($"Rank {_rank} of the node calls {CallSignature.Describe(_signature)}, but rank {other} calls {CallSignature.Describe(signature)} as its operation {Operation}: "
            + "all ranks must call the same collectives in the same order with the same count, type, operation and root.", _rank, null, null);

    private string Awaited()
    {
        var ranks = new List<int>();
        for (int rank = 0; rank < _size; rank++)
        {
            if (rank != _rank && _board.Slot(rank, Operation)->Operation != Operation && _board.Read(NodeCounter.Done, rank) < Operation)
                ranks.Add(rank);
        }

        if (ranks.Count > 0)
            return Verification.Fault.Ranks(ranks) + " to call it";
        for (int rank = 0; rank < _size; rank++)
        {
            if (rank != _rank && _board.Read(NodeCounter.Done, rank) < Operation)
                ranks.Add(rank);
        }

        return ranks.Count == 0 ? "the others to do their share" : Verification.Fault.Ranks(ranks) + " to end it";
    }
}

using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Collectives.Execution;
using HpcTrain.Mpi;

namespace HpcTrain.Collectives;

/// <summary>Messages by MPI's nonblocking point-to-point calls, on a communicator of its own.</summary>
public sealed unsafe class MpiTransport : Transport
{
    // Idea of acknowledged sends. MPI counts a send as done when the kernel has taken it, which takes megabytes. Two peers that send to one rank at once
    // then fill its link's queue until packets are dropped, and all wait for TCP to notice. Long messages between nodes are therefore done
    // when their receive has begun, so that an executor's window bounds what is on its way. Over links of 400 Mbit/s this took
    // halving-doubling from 1.16 to 1.06 times the least possible time (bench/network). Short messages need no bound, and would wait for the answer; unless they
    // are segments of a long stream, as those of a plan's light trees are: trees that share a link would run ahead of each other by all that the kernel takes, and
    // whoever comes late finds it full. All 7 trees of a DGX-1V's 8 GPUs over links of 20 Mbit/s then take 1.04 times the least possible time, not 1.27 (bench/netlab).
    private const long AcknowledgedBytes = 16 * 1024;

    private readonly Intracommunicator _comm;
    private readonly Stack<int> _free = new();
    private Message[] _messages = [];
    private readonly Meeting _meeting;
    private readonly int[] _processes;
    private readonly int _asideTag;
    private int _used;
    private int _reserved;

    /// <summary>Duplicates the communicator, so that no other message can meet these. A collective call.</summary>
    /// <exception cref="MpiException">MPI cannot duplicate the communicator.</exception>
    /// <param name="comm">The ranks; the communicator stays the caller's.</param>
    /// <param name="sharesMemory">Whether ranks of a node may exchange data through memory that both see.</param>
    public MpiTransport(Intracommunicator comm, bool sharesMemory = true)
    {
        _comm = comm.Duplicate();
        _meeting = new(_comm);
        // The highest tag is for messages aside.
        _asideTag = _comm.MaxTag;
        MaxTag = _asideTag - 1;
        _processes = _comm.AllGather(Environment.ProcessId);
        Intracommunicator node = _comm.SplitShared();
        int[] firstRanks = _comm.AllGather(node.AllGather(_comm.Rank)[0]);
        Nodes = new(firstRanks);
        NodeRanks = Nodes.Members[Nodes.NodeOf(_comm.Rank)];
        if (sharesMemory && node.Size > 1)
            NodeMemory = new Node.MpiNodeMemory(node);
        else
            node.Dispose();
    }

    /// <inheritdoc/>
    public override string Name => "mpi";

    /// <inheritdoc/>
    public override int Rank => _comm.Rank;

    /// <inheritdoc/>
    public override int Size => _comm.Size;

    /// <inheritdoc/>
    public override int MaxTag { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int> NodeRanks { get; }

    /// <inheritdoc/>
    public override NodeMap? Nodes { get; }

    /// <inheritdoc/>
    public override bool HasOwnCores { get; } = MpiEnvironment.Current is not { Crowded: true };

    /// <inheritdoc/>
    public override bool TakesCudaMemory { get; } = MpiEnvironment.Current is { Gpu.Cuda: true };

    internal override Node.NodeMemory? NodeMemory { get; }

    /// <inheritdoc/>
    public override void Reserve(int messages)
    {
        _reserved += messages;
        if (_reserved > _messages.Length)
            Array.Resize(ref _messages, _reserved);
        _free.EnsureCapacity(_reserved);
    }

    /// <inheritdoc/>
    public override int PostSend(void* data, long bytes, int peer, int tag, bool isStreamed) =>
        Keep(new(
            (isStreamed || bytes >= AcknowledgedBytes) && Nodes!.NodeOf(peer) != Nodes.NodeOf(Rank)
                ? _comm.ImmediateSynchronousSend(data, bytes, MpiDatatype.Byte, peer, tag)
                : _comm.ImmediateSend(data, bytes, MpiDatatype.Byte, peer, tag),
            peer, receivedBytes: -1));

    /// <inheritdoc/>
    public override int PostReceive(void* data, long bytes, int peer, int tag) =>
        Keep(new(_comm.ImmediateReceive(data, bytes, MpiDatatype.Byte, peer, tag), peer, bytes));

    /// <inheritdoc/>
    public override bool Test(int ticket)
    {
        ref Message message = ref _messages[ticket];
        Status status;
        try
        {
            if (!message.Request.Test(out status))
                return false;
        }
        catch (MpiException error) when (error.IsTruncation)
        {
            message.Request = default;
            throw WrongLength(message.Peer, message.ReceivedBytes, "got more");
        }

        if (message.ReceivedBytes >= 0 && status.Count(MpiDatatype.Byte) is var received && received != message.ReceivedBytes)
            throw WrongLength(message.Peer, message.ReceivedBytes, $"got {received}");
        _free.Push(ticket);
        return true;
    }

    /// <inheritdoc/>
    public override bool Cancel(int ticket)
    {
        ref Message message = ref _messages[ticket];
        bool free = true;
        if (!message.Request.IsEmpty)
        {
            // A receive that has not been matched can be withdrawn at once. Neither a matched one nor a send can, and waiting for
            // them would be waiting for the peer.
            if (message.ReceivedBytes >= 0)
                message.Request.Cancel();
            free = message.Request.Test();
        }

        message.Request = default;
        _free.Push(ticket);
        return free;
    }

    internal override Transport MakeRail()
    {
        using Intracommunicator rail = _comm.Split(Nodes!.LocalRankOf(Rank), Nodes.NodeOf(Rank))!;
        return new MpiTransport(rail, sharesMemory: false);
    }

    internal override void SendAside(int peer, byte[] message)
    {
        var memory = new NativeBlock(message.Length);
        message.CopyTo(new Span<byte>(memory.Pointer, message.Length));
        try
        {
            // MPI takes a short message at once. One that it has not taken may never be received: its memory is given up.
            if (_comm.ImmediateSend(memory.Pointer, message.Length, MpiDatatype.Byte, peer, _asideTag).Test())
                memory.Dispose();
            else
                memory.Abandon();
        }
        catch (MpiException)
        {
            // The peer has died, which its silence will tell.
            memory.Abandon();
        }
    }

    internal override bool TryReceiveAside(out int from, out byte[] message)
    {
        (from, message) = (-1, []);
        if (!_comm.ImmediateProbe(Communicator.AnySource, _asideTag, out Status status))
            return false;
        from = status.Source;
        message = new byte[status.Count(MpiDatatype.Byte)];
        _comm.Receive<byte>(message, from, _asideTag);
        return true;
    }

    internal override void Fail()
    {
        _meeting.HasFailed = true;
        (NodeMemory as Node.MpiNodeMemory)?.Fail();
    }

    internal override string ProcessOf(int rank) => NodeRanks.Contains(rank) ? ProcessGlance.Describe(_processes[rank]) : "";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            NodeMemory?.Dispose();
            if (_meeting.AllCome())
                _comm.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Keep(Message message)
    {
        if (!_free.TryPop(out int ticket))
        {
            ticket = _used++;
            if (ticket == _messages.Length)
                Array.Resize(ref _messages, Math.Max(16, 2 * ticket));
        }

        _messages[ticket] = message;
        return ticket;
    }

    /// <summary>A message under way. Requests complete in place, so the request is a field.</summary>
    private struct Message(Request request, int peer, long receivedBytes)
    {
        public Request Request = request;
        public readonly int Peer = peer;

        /// <summary>The length that a receive expects; -1 for a send.</summary>
        public readonly long ReceivedBytes = receivedBytes;
    }
}

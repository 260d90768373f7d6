using System.Collections.Concurrent;

namespace HpcTrain.Collectives;

/// <summary>One rank's end of an <see cref="InProcessFabric"/>.</summary>
internal sealed unsafe class InProcessTransport : Transport
{
    // Each rank has one mailbox with the messages to it that only one side has posted so far; whoever posts the second side
    // copies the bytes. A mailbox is a linked list, oldest first. Messages are objects of their poster and are used again, so that
    // a running exchange allocates nothing.
    private readonly InProcessTransport[] _fabric;
    private readonly Lock _mailboxLock = new();
    private Message? _mailbox;
    private readonly List<Message> _messages = [];
    private readonly Stack<int> _free = new();
    private readonly Random? _mischief;
    private readonly ConcurrentQueue<(int From, byte[] Message)> _aside = new();
    private readonly InProcessTransport? _rail;
    private int _reserved;

    public InProcessTransport(
        InProcessTransport[] fabric, int rank, int? mischiefSeed, NodeMap? nodes, Node.InProcessNodeMemory? memory, InProcessTransport? rail)
    {
        Nodes = nodes;
        NodeMemory = memory;
        _rail = rail;
        _fabric = fabric;
        Rank = rank;
        _mischief = mischiefSeed is { } seed ? new Random(HashCode.Combine(seed, rank)) : null;
    }

    public override string Name => "in-process";

    public override int Rank { get; }

    public override int Size => _fabric.Length;

    public override int MaxTag => int.MaxValue;

    public override IReadOnlyList<int> NodeRanks => Nodes == null ? base.NodeRanks : Nodes.Members[Nodes.NodeOf(Rank)];

    public override NodeMap? Nodes { get; }

    internal override Node.NodeMemory? NodeMemory { get; }

    public override void Reserve(int messages)
    {
        _reserved += messages;
        for (int ticket = _messages.Count; ticket < _reserved; ticket++)
        {
            _messages.Add(new());
            _free.Push(ticket);
        }
    }

    public override int PostSend(void* data, long bytes, int peer, int tag, bool isStreamed) => Post(_fabric[peer], isSend: true, data, bytes, peer, tag);

    public override int PostReceive(void* data, long bytes, int peer, int tag) => Post(this, isSend: false, data, bytes, peer, tag);

    public override bool Test(int ticket)
    {
        Message message = _messages[ticket];
        if (!Volatile.Read(ref message.Done) || (_mischief != null && _mischief.Next(3) != 0))
            return false;
        if (message.OtherBytes != message.Bytes)
            throw WrongLength(message.Peer, message.Bytes, $"the other side posted {message.OtherBytes}");
        _free.Push(ticket);
        return true;
    }

    public override bool Cancel(int ticket)
    {
        Message message = _messages[ticket];
        InProcessTransport box = message.IsSend ? _fabric[message.Peer] : this;
        lock (box._mailboxLock)
            box.Remove(message);
        _free.Push(ticket);
        return true;
    }

    internal override Transport MakeRail() => _rail ?? base.MakeRail();

    internal override void SendAside(int peer, byte[] message) => _fabric[peer]._aside.Enqueue((Rank, message));

    internal override bool TryReceiveAside(out int from, out byte[] message)
    {
        bool got = _aside.TryDequeue(out (int From, byte[] Message) next);
        (from, message) = (next.From, next.Message);
        return got;
    }

    private int Post(InProcessTransport box, bool isSend, void* data, long bytes, int peer, int tag)
    {
        if (_mischief != null && _mischief.Next(4) == 0)
            Thread.Yield();
        if (!_free.TryPop(out int ticket))
        {
            ticket = _messages.Count;
            _messages.Add(new());
        }

        Message message = _messages[ticket];
        message.IsSend = isSend;
        message.Sender = isSend ? Rank : peer;
        message.Peer = peer;
        message.Tag = tag;
        message.Data = data;
        message.Bytes = bytes;
        message.Done = false;

        // The copy is made under the lock, so that a cancelled message is never being written.
        lock (box._mailboxLock)
        {
            ref Message? link = ref box._mailbox;
            for (; link is { } other; link = ref other.Next)
            {
                if (other.IsSend == isSend || other.Sender != message.Sender || other.Tag != tag)
                    continue;
                link = other.Next;
                (Message from, Message to) = isSend ? (message, other) : (other, message);
                Buffer.MemoryCopy(from.Data, to.Data, to.Bytes, Math.Min(from.Bytes, to.Bytes));
                message.OtherBytes = other.Bytes;
                other.OtherBytes = bytes;
                message.Done = true;
                Volatile.Write(ref other.Done, true);
                return ticket;
            }

            message.Next = null;
            link = message;
        }

        return ticket;
    }

    private void Remove(Message message)
    {
        ref Message? link = ref _mailbox;
        while (link != null && link != message)
            link = ref link.Next;
        if (link != null)
            link = message.Next;
    }

    private sealed class Message
    {
        public bool IsSend;
        public Message? Next;
        public int Sender;
        public int Peer;
        public int Tag;
        public void* Data;
        public long Bytes;
        public long OtherBytes;
        public bool Done;
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace HpcTrain.Training.Servers;

/// <content>How messages leave and come, on the pump's thread.</content>
internal sealed unsafe partial class MessagePump
{
    /// <summary>Sends a message; on the pump's thread only. To this rank itself it is handled at once.</summary>
    /// <param name="to">The receiver.</param>
    /// <param name="message">The head; its length of the payload is filled in.</param>
    /// <param name="payload">What follows; it is copied.</param>
    public void Send(int to, ServerMessage message, ReadOnlySpan<byte> payload = default)
    {
        message.PayloadBytes = payload.Length;
        if (to == _transport.Rank)
        {
            _handler.Handle(to, in message, payload);
            return;
        }

        var block = _blocks.TryPop(out var free) ? free : new MessageMemory();
        block.Ensure(ServerMessage.Bytes + (long)payload.Length);
        *(ServerMessage*)block.Pointer = message;
        payload.CopyTo(new Span<byte>(block.Pointer + ServerMessage.Bytes, payload.Length));
        var head = _transport.PostSend(block.Pointer, ServerMessage.Bytes, to, HeadTag);
        var body = payload.IsEmpty ? -1 : _transport.PostSend(block.Pointer + ServerMessage.Bytes, payload.Length, to, PayloadTag);
        lock (_gate)
        {
            _outgoing.Add(new(block, head, body));
        }

        SentBytes += payload.Length;
    }

    private bool Receive()
    {
        var moved = false;
        foreach (var incoming in _incoming)
        {
            while (incoming.Peer != _transport.Rank && ReceiveFrom(incoming))
            {
                moved = true;
            }
        }

        return moved;
    }

    private bool ReceiveFrom(Incoming incoming)
    {
        if (incoming.Ticket < 0)
        {
            incoming.Head.Ensure(ServerMessage.Bytes);
            incoming.Ticket = _transport.PostReceive(incoming.Head.Pointer, ServerMessage.Bytes, incoming.Peer, HeadTag);
        }

        if (!_transport.Test(incoming.Ticket))
        {
            return false;
        }

        incoming.Ticket = -1;
        Volatile.Write(ref _lastArrival, Stopwatch.GetTimestamp());
        ref var message = ref Unsafe.AsRef<ServerMessage>(incoming.Head.Pointer);
        if (!incoming.AwaitsPayload && message.PayloadBytes > 0)
        {
            incoming.Payload.Ensure(message.PayloadBytes);
            incoming.Ticket = _transport.PostReceive(incoming.Payload.Pointer, message.PayloadBytes, incoming.Peer, PayloadTag);
            incoming.AwaitsPayload = true;
            return true;
        }

        incoming.AwaitsPayload = false;
        _handler.Handle(incoming.Peer, in message, new(incoming.Payload.Pointer, message.PayloadBytes));
        return true;
    }

    private bool FreeSent()
    {
        var moved = false;
        for (var i = _outgoing.Count - 1; i >= 0; i--)
        {
            var sent = _outgoing[i];
            if (sent.Head >= 0 && _transport.Test(sent.Head))
            {
                sent = sent with { Head = -1 };
            }

            if (sent.Body >= 0 && _transport.Test(sent.Body))
            {
                sent = sent with { Body = -1 };
            }

            _outgoing[i] = sent;
            if (sent is { Head: < 0, Body: < 0 })
            {
                lock (_gate)
                {
                    _outgoing.RemoveAt(i);
                }

                _blocks.Push(sent.Block);
                moved = true;
            }
        }

        return moved;
    }

    private readonly record struct Outgoing(MessageMemory Block, int Head, int Body);

    private sealed class Incoming(int peer)
    {
        public int Peer { get; } = peer;

        public MessageMemory Head { get; } = new();

        public MessageMemory Payload { get; } = new();

        public int Ticket { get; set; } = -1;

        public bool AwaitsPayload { get; set; }
    }
}

namespace HpcTrain.Collectives.Simulation;

internal sealed partial class SimulationRun
{
    // Idea. A link is a server: segments are sent one after the other, at its full bandwidth, in the order in which their first bytes came to it. So a
    // segment costs a few additions at each link, however many others are under way, and k flows that keep segments waiting at a link get a k-th of it
    // each, because their segments take turns: fair sharing, in grains of a segment. The first bytes go on to the next link as soon as they are through
    // (cut-through); the last ones come there when the slowest link on the way has sent them.
    // Where messages are acknowledged, the segment's last byte sends an acknowledgement back, which is a short message to the links: it waits for those that
    // are busy. The sender's window has room again when it has come. A flow whose links back carry more than it does itself is slowed down by that: its
    // window is spent while the acknowledgements wait behind the others' data (as with MPI's synchronous sends over TCP; bench/netlab shows it).
    // Limits. A flow with a larger window, or longer segments, gets more of a link that it shares. Buffers of switches have no end, so that a segment waits
    // at the link that is busy and holds up nobody else's; nothing is lost or slowed down by congestion control. A link after a slower one counts as busy
    // for as long as its own speed needs, in one piece. An acknowledgement costs no processor, and tells that all of a segment has come; MPI's, of a message
    // beyond its eager limit, tells that the first part has.
    private readonly LinkState[] _links;
    private Transit[] _transits = new Transit[1024];
    private int[] _freeTransits = new int[1024];
    private int _freeTransitCount;
    private int _transitCount;

    /// <summary>Both ends of a segment are ready.</summary>
    private void SetOut(int f, long length, ChunkRange chunks)
    {
        ref Flow flow = ref _flows[f];
        int t = TakeTransit();
        _transits[t] = new() { Flow = f, Hop = flow.Way.First, End = flow.Way.End, Bytes = length * _elementBytes, Chunks = chunks, Start = _now, Tail = _now };
        if (_options.OverheadSeconds > 0)
        {
            ref double free = ref _processorFree[_queues[flow.SendQueue].Rank];
            free = Math.Max(_now, free) + _options.OverheadSeconds;
            _transits[t].Tail = free;
            _events.Add(free, (t << KindBits) | Hop);
        }
        else
        {
            Travel(t);
        }
    }

    /// <summary>The first byte of a segment or an acknowledgement has come to a link: it goes on until it has to wait.</summary>
    private void Travel(int t)
    {
        ref Transit transit = ref _transits[t];
        while (transit.Hop < transit.End)
        {
            int number = _schedule.Links[transit.Hop++];
            ref LinkState link = ref _links[number];
            double begin = Math.Max(_now, link.Free), seconds = transit.Bytes * link.SecondsPerByte;
            link.Free = begin + seconds;
            link.Busy += seconds;
            link.Bytes += transit.Bytes;
            link.Messages++;
            transit.Tail = Math.Max(link.Free, transit.Tail) + link.Latency;
            if (!transit.IsAcknowledgement)
                _trace?.OnLink(number, MessageOf(in transit), begin, link.Free);
            double head = begin + link.Latency;
            if (head > _now && transit.Hop < transit.End)
            {
                _events.Add(head, (t << KindBits) | Hop);
                return;
            }
        }

        _events.Add(transit.Tail, (t << KindBits) | Arrival);
    }

    /// <summary>The last byte of a segment has come to its receiver, or that of an acknowledgement to the sender.</summary>
    private void Arrive(int t)
    {
        ref Transit transit = ref _transits[t];
        ref Flow flow = ref _flows[transit.Flow];
        if (transit.IsAcknowledgement)
        {
            ReturnTransit(t);
            Complete(ref _queues[flow.SendQueue]);
            return;
        }

        _messages++;
        _trace?.OnMessage(MessageOf(in transit), transit.Start, _now);
        if (_options.AcknowledgementBytes is { } bytes)
        {
            Way back = _schedule.WaysBack[transit.Flow];
            transit = new() { Flow = transit.Flow, Hop = back.First, End = back.End, IsAcknowledgement = true, Bytes = bytes, Tail = _now };
            Travel(t);
        }
        else
        {
            ReturnTransit(t);
            Complete(ref _queues[flow.SendQueue]);
        }

        ref QueueState receiver = ref _queues[flow.ReceiveQueue];
        receiver.Arrived++;
        TakeArrived(ref receiver, flow.ReceiveQueue);
    }

    private SimulatedMessage MessageOf(in Transit transit)
    {
        ref Flow flow = ref _flows[transit.Flow];
        ref QueueState sender = ref _queues[flow.SendQueue], receiver = ref _queues[flow.ReceiveQueue];
        return new(sender.Rank, sender.Lane, receiver.Rank, receiver.Lane, transit.Chunks, transit.Bytes);
    }

    private int TakeTransit()
    {
        if (_freeTransitCount > 0)
            return _freeTransits[--_freeTransitCount];
        if (_transitCount == _transits.Length)
            Array.Resize(ref _transits, 2 * _transitCount);
        return _transitCount++;
    }

    private void ReturnTransit(int t)
    {
        if (_freeTransitCount == _freeTransits.Length)
            Array.Resize(ref _freeTransits, 2 * _freeTransitCount);
        _freeTransits[_freeTransitCount++] = t;
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using HpcTrain.Mpi;

namespace HpcTrain.Topology;

/// <summary>The streams of one rank in a round: what it sends and receives, and how fast what it receives comes.</summary>
internal sealed unsafe class StreamExchange : IDisposable
{
    // Idea. A stream is not so many bytes but so much time: were it bytes, fast pairs would be done early, and the slow ones be measured without the load that
    // they are to be measured under. The sender keeps a few messages on their way until the time is over, then sends one empty message for each of them, by
    // which the receiver knows the end. They are acknowledged, and as long as the rate so far says, so that no more than some milliseconds' worth is ever under way: what
    // exceeds the queue of a slow link is dropped, and TCP then waits for as long as a whole round may last. The rate so far is reckoned as if the stream had begun a
    // while earlier: a link lets the first bytes pass faster than all others (its bucket is full), and who takes that for its rate fills the queue at once. A direction that
    // fell behind the other one, whose data its acknowledgements wait behind, goes by the other's rate up to twice its own, for at its own it would stay behind. The receiver counts bytes from the first message after a quarter of the
    // time, when buckets and buffers along the way have filled, to the last one of all, when the buffers are empty again: in between it would count how
    // messages are handed over, not how they arrive.
    private const int Window = 8, Tag = 2;
    private const double ShortestTime = 1e-9;
    private const int FirstBytes = 16 << 10, LeastBytes = 1 << 10;
    private const double CountFrom = 0.25, LeastCounted = 0.4;
    private const double UnderWaySeconds = 0.016, HeadStartSeconds = 0.02;

    private readonly Intracommunicator _world;
    private readonly BoundedWait _wait;
    private readonly int _most;
    private readonly byte* _source;
    private readonly byte* _destination;

    /// <summary>Takes memory for streams with up to <see cref="ProbeRounds.MostFanPeers"/> ranks at a time.</summary>
    public StreamExchange(Intracommunicator world, BoundedWait wait, int mostBytes)
    {
        (_world, _wait, _most) = (world, wait, mostBytes);
        _source = (byte*)NativeMemory.AllocZeroed((nuint)mostBytes);
        _destination = (byte*)NativeMemory.AllocZeroed((nuint)mostBytes * Window * ProbeRounds.MostFanPeers);
    }

    /// <summary>Exchanges; returns when this rank's streams have ended.</summary>
    /// <param name="peers">Whom to exchange with; at most <see cref="ProbeRounds.MostFanPeers"/>.</param>
    /// <param name="time">How long streams run.</param>
    /// <returns>The rate from each peer, in 10^9 bytes per second.</returns>
    /// <exception cref="ProbeException">A stream stands still.</exception>
    public double[] Run(IReadOnlyList<int> peers, TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp(), moved = start;
        Incoming[] incoming = [.. peers.Select((peer, index) => new Incoming(this, peer, index, time.TotalSeconds))];
        Outgoing[] outgoing = [.. peers.Select((peer, index) => new Outgoing(this, peer, time.TotalSeconds, incoming[index]))];
        int rank = _world.Rank;
        while (true)
        {
            bool hasMoved = false, isDone = true;
            double now = Stopwatch.GetElapsedTime(start).TotalSeconds;
            for (int index = 0; index < peers.Count; index++)
            {
                hasMoved |= incoming[index].Move(now) | outgoing[index].Move(now);
                isDone &= incoming[index].IsDone && outgoing[index].IsDone;
            }

            if (isDone)
                return [.. incoming.Select(stream => stream.Rate)];
            if (hasMoved)
                moved = Stopwatch.GetTimestamp();
            else
                _wait.Rest(moved, () => $"rank {rank} waited in its exchange with {Names(peers.Where((_, index) => !(incoming[index].IsDone && outgoing[index].IsDone)))}");
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_source);
        NativeMemory.Free(_destination);
    }

    private static string Names(IEnumerable<int> ranks)
    {
        int[] all = [.. ranks];
        return $"rank{(all.Length == 1 ? "" : "s")} {string.Join(", ", all)}";
    }

    private sealed class Outgoing
    {
        private readonly StreamExchange _exchange;
        private readonly int _peer;
        private readonly double _time;
        private readonly Incoming _back;
        private readonly Request[] _requests = new Request[Window];
        private readonly int[] _sizes = new int[Window];
        private readonly bool[] _isLast = new bool[Window];
        private long _acknowledged;
        private int _ended;

        public Outgoing(StreamExchange exchange, int peer, double time, Incoming back)
        {
            (_exchange, _peer, _time, _back) = (exchange, peer, time, back);
            for (int slot = 0; slot < Window; slot++)
                Send(slot, Math.Min(FirstBytes, exchange._most));
        }

        public bool IsDone => _ended == Window;

        public bool Move(double now)
        {
            bool hasMoved = false;
            for (int slot = 0; slot < Window; slot++)
            {
                if (_requests[slot].IsEmpty || !_requests[slot].Test())
                    continue;
                hasMoved = true;
                if (_isLast[slot])
                {
                    _ended++;
                    continue;
                }

                _isLast[slot] = now >= _time;
                _acknowledged += _sizes[slot];
                Send(slot, _isLast[slot] ? 0 : Size(now));
            }

            return hasMoved;
        }

        private int Size(double now)
        {
            double bytes = Math.Clamp(_back.Bytes, _acknowledged, 2 * _acknowledged), rate = bytes / (now + Math.Min(HeadStartSeconds, _time / 4));
            double wanted = rate * Math.Min(UnderWaySeconds, _time / 8) / Window;
            return (int)Math.Clamp(wanted, Math.Min(LeastBytes, _exchange._most), _exchange._most);
        }

        private void Send(int slot, int bytes)
        {
            _sizes[slot] = bytes;
            _requests[slot] = _exchange._world.ImmediateSynchronousSend(_exchange._source, bytes, MpiDatatype.Byte, _peer, Tag);
        }
    }

    private sealed class Incoming
    {
        private readonly StreamExchange _exchange;
        private readonly int _peer;
        private readonly int _index;
        private readonly double _time;
        private readonly Request[] _requests = new Request[Window];
        private int _ended;
        private long _firstBytes;
        private double _first, _last;

        public Incoming(StreamExchange exchange, int peer, int index, double time)
        {
            (_exchange, _peer, _index, _time) = (exchange, peer, index, time);
            for (int slot = 0; slot < Window; slot++)
                Receive(slot);
        }

        public bool IsDone => _ended == Window;

        /// <summary>The bytes that came so far.</summary>
        public long Bytes { get; private set; }

        /// <summary>Of what came in between, or of all when that is too little to tell.</summary>
        public double Rate => (_last - _first > LeastCounted * _time ? (Bytes - _firstBytes) / (_last - _first) : Bytes / _last) / 1e9;

        public bool Move(double now)
        {
            bool hasMoved = false;
            for (int slot = 0; slot < Window; slot++)
            {
                if (_requests[slot].IsEmpty || !_requests[slot].Test(out Status status))
                    continue;
                hasMoved = true;
                long bytes = status.Count(MpiDatatype.Byte);
                if (bytes == 0)
                {
                    _ended++;
                    continue;
                }

                Count(bytes, now);
                Receive(slot);
            }

            return hasMoved;
        }

        private void Count(long bytes, double now)
        {
            Bytes += bytes;
            _last = Math.Max(now, ShortestTime);
            if (_first == 0 && now >= CountFrom * _time)
                (_first, _firstBytes) = (now, Bytes);
        }

        // Messages of one sender come in order, so it does not matter which slot gets which.
        private void Receive(int slot) => _requests[slot] = _exchange._world.ImmediateReceive(
            _exchange._destination + ((long)((_index * Window) + slot) * _exchange._most), _exchange._most, MpiDatatype.Byte, _peer, Tag);
    }
}

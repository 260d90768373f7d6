using System.Diagnostics;
using System.Runtime.ExceptionServices;
using HpcTrain.Collectives;

namespace HpcTrain.Training.Servers;

/// <summary>Takes messages; called by the pump's thread.</summary>
internal interface IMessageHandler
{
    /// <summary>A message has come.</summary>
    /// <param name="from">The sender, which may be this rank.</param>
    /// <param name="message">Its head.</param>
    /// <param name="payload">Its payload, valid during the call.</param>
    void Handle(int from, in ServerMessage message, ReadOnlySpan<byte> payload);
}

/// <summary>
/// A thread that sends and receives a rank's messages, and lets a handler answer them, while the rank's training thread computes: a rank that is busy with a step
/// still serves the others.
/// </summary>
/// <remarks>
/// <para>MPI_THREAD_SERIALIZED is enough: between <see cref="Resume"/> and <see cref="Park"/> the pump is the only one to call MPI, and otherwise it calls nothing, so that the training
/// thread may use collectives. Training that waits for an answer waits for the pump (<see cref="WaitFor"/>).</para>
/// <para>There is one receive per peer at any time, first for a head and then for its payload. A send copies what it sends and never waits, so no two ranks can wait for each other's
/// receives. While somebody waits, or messages come, the pump polls and gives way; else it looks once per millisecond.</para>
/// </remarks>
internal sealed unsafe partial class MessagePump : IDisposable
{
    private const int HeadTag = 0, PayloadTag = 1;
    private const int HotRounds = 400;
    private readonly object _gate = new();
    private readonly Transport _transport;
    private readonly IMessageHandler _handler;
    private readonly TimeSpan _stallTimeout;
    private readonly Incoming[] _incoming;
    private readonly List<Outgoing> _outgoing = [];
    private readonly Stack<MessageMemory> _blocks = new();
    private readonly Queue<Action> _posted = new();
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;
    private long _lastArrival = Stopwatch.GetTimestamp();
    private int _waiting;
    private int _idleRounds;
    private bool _isParked = true;
    private bool _isIdle;
    private bool _ended;

    /// <summary>Starts a pump that is parked.</summary>
    /// <param name="transport">Its way to the other ranks, which it owns from now on.</param>
    /// <param name="handler">Takes messages.</param>
    /// <param name="stallTimeout">How long nothing may come from any rank while somebody waits.</param>
    public MessagePump(Transport transport, IMessageHandler handler, TimeSpan stallTimeout)
    {
        (_transport, _handler, _stallTimeout) = (transport, handler, stallTimeout);
        _incoming = [.. Enumerable.Range(0, transport.Size).Select(peer => new Incoming(peer))];
        _thread = new Thread(Run) { Name = "parameter server", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether the pump calls the transport now.</summary>
    public bool IsRunning => !_isParked;

    /// <summary>Payload bytes sent to other ranks so far.</summary>
    public long SentBytes { get; private set; }

    /// <summary>From now on the pump is the only one to call MPI.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _isParked = false;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Lets the pump end what it is doing. From then on it calls nothing, and the caller may call MPI.</summary>
    /// <exception cref="Exception">What the pump's work has thrown.</exception>
    public void Park()
    {
        lock (_gate)
        {
            _isParked = true;
            Monitor.PulseAll(_gate);
            while (!_isIdle)
            {
                Monitor.Wait(_gate); // for one round of a loop that waits for nobody
            }
        }

        _failure?.Throw();
    }

    /// <summary>Lets the pump's thread do something, as sending.</summary>
    public void Post(Action work)
    {
        lock (_gate)
        {
            _posted.Enqueue(work);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until something holds that messages bring about.</summary>
    /// <param name="condition">What; asked under the pump's lock after messages have been handled.</param>
    /// <param name="who">Who waits for whom, for the error: the beginning of a sentence.</param>
    /// <exception cref="ServerException">Nothing has come from any other rank for the stall time-out.</exception>
    /// <exception cref="Exception">What the pump's work has thrown.</exception>
    public void WaitFor(Func<bool> condition, Func<string> who)
    {
        lock (_gate)
        {
            _waiting++;
            _lastArrival = Stopwatch.GetTimestamp(); // the caller has computed for longer than it will wait, perhaps
            Monitor.PulseAll(_gate);
            try
            {
                while (_failure is null && !condition())
                {
                    if (Stopwatch.GetElapsedTime(Volatile.Read(ref _lastArrival)) > _stallTimeout)
                    {
                        throw new ServerException(
                            FormattableString.Invariant($"{who()}, and nothing has come from any rank for {_stallTimeout.TotalSeconds:0.#} s: look at that rank's log; ")
                            + $"if ranks need more time, set {CommunicatorOptions.StallTimeoutVariable}.", _transport.Rank);
                    }

                    Monitor.Wait(_gate, TimeSpan.FromMilliseconds(100));
                }
            }
            finally
            {
                _waiting--;
            }
        }

        _failure?.Throw();
    }

    /// <summary>Whether all messages have left; for <see cref="WaitFor"/>.</summary>
    public bool HasSentAll => _outgoing.Count == 0 && _posted.Count == 0;

    /// <summary>Ends the thread. Messages under way are withdrawn.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join(); // at the end of a round of a loop that waits for nobody
        foreach (var incoming in _incoming)
        {
            if (incoming.Ticket >= 0 && !_transport.Cancel(incoming.Ticket))
            {
                continue; // a peer may still write: the memory is given up
            }

            incoming.Head.Dispose();
            incoming.Payload.Dispose();
        }

        foreach (var block in _blocks)
        {
            block.Dispose();
        }

        _transport.Dispose();
    }

    private void Run()
    {
        while (WaitToRun())
        {
            try
            {
                var moved = DoPosted() | Receive() | FreeSent();
                _idleRounds = moved ? 0 : _idleRounds + 1;
            }
            catch (Exception e)
            {
                lock (_gate)
                {
                    _failure = ExceptionDispatchInfo.Capture(e); // told to the thread that waits
                    _isParked = true;
                }
            }

            Rest();
        }
    }

    private bool WaitToRun()
    {
        lock (_gate)
        {
            while (!_ended && (_isParked || _failure is not null))
            {
                _isIdle = true;
                Monitor.PulseAll(_gate);
                Monitor.Wait(_gate);
            }

            _isIdle = _ended;
            return !_ended;
        }
    }

    private void Rest()
    {
        if (_idleRounds == 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate); // whoever waits looks again
            }
        }
        else if (_idleRounds < (Volatile.Read(ref _waiting) > 0 ? HotRounds : HotRounds / 20))
        {
            Thread.Yield();
        }
        else
        {
            lock (_gate)
            {
                if (_posted.Count == 0 && !_isParked && !_ended)
                {
                    Monitor.Wait(_gate, TimeSpan.FromMilliseconds(1));
                }
            }
        }
    }

    private bool DoPosted()
    {
        var moved = false;
        while (true)
        {
            Action? work;
            lock (_gate)
            {
                if (!_posted.TryPeek(out work))
                {
                    return moved;
                }
            }

            work();
            moved = true;
            lock (_gate)
            {
                _posted.Dequeue(); // not before it is done: see HasSentAll
            }
        }
    }
}

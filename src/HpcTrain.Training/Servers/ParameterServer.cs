using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using HpcTrain.Collectives;
using HpcTrain.Training.Optimizers;

namespace HpcTrain.Training.Servers;

/// <summary>
/// A sharded parameter server on the ranks of a job: each rank serves one block of the flat parameters, beside training, and is a client of all servers of its group (Li et al., "Scaling
/// Distributed Machine Learning with the Parameter Server", OSDI 2014). A step is one exchange: the gradients of each block to its server (push), the parameters back (pull). What a server does
/// with pushes, and when it answers, its <see cref="ServerForm"/> says; so who waits for whom is decided by servers alone.
/// </summary>
/// <remarks>
/// <para>Cost per rank and step: 2(n-1) messages, (n-1)/n of the gradients and as much of the parameters sent and received, as in an allreduce by reduce-scatter and allgather; but a rank
/// waits for no step of a slow one.</para>
/// <para>Servers are on all ranks and not on some, since then each link and each core does an equal part, and no rank has to be spared. They run on a thread of their own
/// (<see cref="MessagePump"/>), since a rank that served between its own steps only would let all others wait for a slow one. The methods are for the training thread.</para>
/// </remarks>
public sealed unsafe partial class ParameterServer : IMessageHandler, IDisposable
{
    private readonly Transport _transport;
    private readonly ServerForm _form;
    private readonly PushCodec _codec;
    private readonly MessagePump _pump;
    private readonly NodeMap _groups;
    private readonly ImmutableArray<int> _servers;
    private readonly int _me;
    private readonly byte[][] _messages;
    private readonly bool[] _answered;
    private readonly int[] _settled;
    private ParameterShard? _shard;
    private SuperNodeExchange? _exchange;
    private float[] _decoded = [];
    private float* _destination;
    private long _step;
    private int _settles;

    /// <summary>Makes a rank's server and client; all ranks make one. Nothing is sent before the first <see cref="Exchange"/>.</summary>
    /// <param name="transport">The way to the other ranks; it belongs to the server from now on.</param>
    /// <param name="form">How far ranks may be apart; the same on all ranks.</param>
    /// <param name="codec">How gradients travel; null: in f32. The same on all ranks.</param>
    /// <param name="stallTimeout">How long a rank waits while nothing comes from any other.</param>
    public ParameterServer(Transport transport, ServerForm form, PushCodec? codec, TimeSpan stallTimeout)
    {
        (_transport, _form, _codec) = (transport, form, codec ?? new PlainPush());
        _groups = form.Groups(transport.Size);
        _servers = _groups.Members[_groups.NodeOf(transport.Rank)];
        _me = _groups.LocalRankOf(transport.Rank);
        _messages = new byte[_servers.Length][];
        _answered = new bool[_servers.Length];
        _settled = new int[transport.Size];
        _pump = new MessagePump(transport, this, stallTimeout);
    }

    /// <summary>Servers that share a copy of the parameters.</summary>
    public int Servers => _servers.Length;

    /// <summary>Copies of the parameters: super nodes, or 1.</summary>
    public int Copies => _groups.Nodes;

    /// <summary>Which of the shards is here, from 0.</summary>
    public int Shard => _me;

    /// <summary>The parameters of the shard that is here, while nothing is under way (<see cref="Settle"/>); empty before <see cref="Serve"/>.</summary>
    public ReadOnlySpan<float> ShardValues => _shard is null ? [] : _shard.Values;

    /// <summary>The most steps by which a rank that went on was ahead of the slowest, as the server here has seen it.</summary>
    public long LargestLead => _shard?.LargestLead ?? 0;

    /// <summary>Payload bytes that this rank has sent to others, as client and as server.</summary>
    public long SentBytes => _pump.SentBytes;

    /// <summary>Serves this rank's shard.</summary>
    /// <param name="values">The flat parameters, equal on all ranks; as many as servers times the shard's length. The shard is copied.</param>
    /// <param name="optimizer">The optimizer, prepared for the shard's length. Until <see cref="Settle"/> it belongs to the server.</param>
    public void Serve(ReadOnlySpan<float> values, FlatOptimizer optimizer)
    {
        var length = values.Length / Servers;
        var mine = values.Slice(_me * length, length).ToArray();
        _decoded = new float[length];
        _codec.Prepare(values.Length);
        for (var server = 0; server < Servers; server++)
        {
            _messages[server] = new byte[IsSentAsIs(server) ? 0 : _codec.MostBytes(length)];
        }

        _exchange = new SuperNodeExchange(_groups.Nodes, _groups.NodeOf(_transport.Rank), length + 1, SendToSuperNode);
        _shard = _form switch
        {
            HybridForm => new SuperNodeShard(mine, optimizer, Servers, _exchange, LetOn),
            StaleForm { Staleness: 0 } => new SynchronousShard(mine, optimizer, Servers, LetOn),
            StaleForm { Staleness: var bound } => new StaleShard(mine, optimizer, Servers, bound, LetOn),
            _ => throw new ArgumentException($"no server for {_form.Name}"),
        };
    }

    /// <summary>Lets the server answer others from now on, until <see cref="Settle"/>. In between the caller makes no MPI calls.</summary>
    public void Resume()
    {
        if (!_pump.IsRunning)
        {
            _pump.Resume();
        }
    }

    /// <summary>Pushes gradients and pulls parameters; returns when this rank may go on.</summary>
    /// <param name="gradients">This rank's part of the mean gradient over the samples of all, as long as the parameters.</param>
    /// <param name="values">Gets the parameters.</param>
    /// <param name="rate">The learning rate for the batch of all ranks.</param>
    /// <param name="share">This rank's share of the samples; 0: it had none, and the gradients mean nothing.</param>
    /// <exception cref="ServerException">A server does not answer.</exception>
    public void Exchange(Span<float> gradients, Span<float> values, double rate, double share)
    {
        if (_shard is null || gradients.Length != _decoded.Length * Servers || values.Length != gradients.Length)
        {
            throw new ArgumentException($"{gradients.Length} gradients and {values.Length} parameters for {Servers} shards of {_decoded.Length}: call {nameof(Serve)} with as many parameters first");
        }

        Resume();
        _step++;
        Array.Clear(_answered);
        var message = new ServerMessage { Kind = MessageKind.Push, Step = _step, Rate = rate, Share = share };
        var lengths = new int[Servers];
        for (var server = 0; server < Servers; server++)
        {
            lengths[server] = IsSentAsIs(server) || share == 0 ? 0
                : _codec.Encode(gradients.Slice(server * _decoded.Length, _decoded.Length), server * _decoded.Length, _messages[server]);
        }

        _codec.EndStep();

        fixed (float* source = gradients, destination = values)
        {
            // Pinned until all have answered. The pump copies what it sends.
            var first = (nint)source;
            _destination = destination;
            _pump.Post(() =>
            {
                for (var server = 0; server < Servers; server++)
                {
                    var plain = new ReadOnlySpan<byte>((float*)first + ((nint)server * _decoded.Length), _decoded.Length * sizeof(float));
                    _pump.Send(_servers[server], message, share == 0 ? [] : IsSentAsIs(server) ? plain : _messages[server].AsSpan(0, lengths[server]));
                }
            });
            _pump.WaitFor(() => !_answered.Contains(false), WhoWaitsForAnswers);
        }
    }

    /// <summary>
    /// Waits until all ranks have come here and nothing is under way between them, and stops answering; a collective call. Until the next exchange the caller may use MPI. Does
    /// nothing where nothing was exchanged since the last time.
    /// </summary>
    /// <exception cref="ServerException">A rank does not come.</exception>
    public void Settle()
    {
        if (!_pump.IsRunning)
        {
            return;
        }

        _settles++;
        _settled[_transport.Rank] = _settles;
        _pump.Post(() =>
        {
            for (var rank = 0; rank < _transport.Size; rank++)
            {
                if (rank != _transport.Rank)
                {
                    _pump.Send(rank, new ServerMessage { Kind = MessageKind.Settled, Step = _step });
                }
            }
        });
        _pump.WaitFor(() => !_settled.Any(count => count < _settles) && _shard is null or { IsSettled: true } && _pump.HasSentAll, WhoHasNotSettled);
        _pump.Park();
    }

    /// <inheritdoc/>
    public void Dispose() => _pump.Dispose();

    void IMessageHandler.Handle(int from, in ServerMessage message, ReadOnlySpan<byte> payload)
    {
        switch (message.Kind)
        {
            case MessageKind.Push:
                TakePush(from, in message, payload);
                break;
            case MessageKind.Values:
                var server = _groups.LocalRankOf(from);
                payload.CopyTo(new Span<byte>(_destination + (server * _decoded.Length), _decoded.Length * sizeof(float)));
                Volatile.Write(ref _answered[server], true);
                break;
            case MessageKind.Part or MessageKind.Sum:
                _exchange!.Take(_groups.NodeOf(from), message.Kind, payload);
                ((SuperNodeShard)_shard!).GoOn();
                break;
            case MessageKind.PullRows:
                _pump.Send(from, new() { Kind = MessageKind.Rows, Table = message.Table }, MemoryMarshal.AsBytes<float>(_tables[message.Table].Shard.Read(payload)));
                break;
            case MessageKind.PushRows:
                _tables[message.Table].Shard.Step(payload, message.Rows, message.Rate);
                _pump.Send(from, new() { Kind = MessageKind.RowsTaken, Table = message.Table });
                break;
            case MessageKind.Rows or MessageKind.RowsTaken:
                _tables[message.Table].Answers.Take(from, MemoryMarshal.Cast<byte, float>(payload));
                break;
            case MessageKind.Settled:
                _settled[from]++;
                break;
            default:
                throw new ServerException(string.Create(CultureInfo.InvariantCulture,
                    $"rank {_transport.Rank} got a message of kind {(int)message.Kind} from rank {from}, which it does not know: start all ranks with the same program."), _transport.Rank);
        }
    }

    private void TakePush(int from, in ServerMessage message, ReadOnlySpan<byte> payload)
    {
        if (_shard is null)
        {
            throw new ServerException(string.Create(CultureInfo.InvariantCulture,
                $"rank {_transport.Rank} got a push of step {message.Step} from rank {from} before it serves parameters: let all ranks begin to serve before the first exchange."), _transport.Rank);
        }

        if (!payload.IsEmpty && from != _transport.Rank)
        {
            _codec.Decode(payload, _decoded);
        }
        else if (!payload.IsEmpty)
        {
            MemoryMarshal.Cast<byte, float>(payload).CopyTo(_decoded);
        }

        _shard.Push(_groups.LocalRankOf(from), message.Rate, message.Share, _decoded);
    }

    private bool IsSentAsIs(int server) => server == _me || _codec.IsPlain;

    private void LetOn(int client) => _pump.Send(_servers[client], new() { Kind = MessageKind.Values }, MemoryMarshal.AsBytes(_shard!.Values.AsSpan()));

    private void SendToSuperNode(int superNode, MessageKind kind, ReadOnlySpan<byte> payload)
        => _pump.Send(_groups.Members[superNode][_me], new() { Kind = kind, Table = _groups.NodeOf(_transport.Rank) }, payload);

    private string WhoWaitsForAnswers()
    {
        var missing = _servers.Where((_, server) => !_answered[server]);
        var (steps, rank) = _shard!.Steps.Select((s, client) => (s, _servers[client])).Min();
        var slowest = steps < _step ? $"; the slowest that it knows of is rank {rank}, which has pushed step {steps}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"rank {_transport.Rank} has pushed step {_step} and waits for rank {string.Join(", ", missing)} to answer ({_form.Name}{slowest})");
    }

    private string WhoHasNotSettled()
    {
        var missing = _settled.Index().Where(s => s.Item < _settles).Select(s => s.Index).ToList();
        return missing.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"rank {_transport.Rank} is after step {_step} and waits for messages to leave it")
            : string.Create(CultureInfo.InvariantCulture, $"rank {_transport.Rank} is after step {_step} and waits for rank {string.Join(", ", missing)} to come as far");
    }
}

using System.Globalization;
using HpcTrain.Collectives;
using HpcTrain.Mpi;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Reduction;
using HpcTrain.Training.Replication;
using static TorchSharp.torch;

namespace HpcTrain.Training.Servers;

/// <summary>
/// Training by a <see cref="ParameterServer"/>: each rank computes gradients with the parameters that it got last, and exchanges them for newer ones. The servers step. When the ranks settle
/// (to evaluate, to save, to end) all replicas get the servers' parameters, and so are equal.
/// </summary>
/// <remarks>
/// A checkpoint holds the parameters and the optimizer's state of all shards, as one of synchronous training does, so a run can go on from it in any way of working together. With
/// <c>ssp:0</c> and <c>hybrid</c> with super nodes of one rank the same run has the same bits again; otherwise these depend on who came first.
/// </remarks>
public sealed class ServerReplicas : LooseReplicas
{
    private readonly ServerForm _form;
    private readonly PushCodec _codec;
    private readonly ParameterServer _server;
    private readonly Intracommunicator? _superNode;
    private FlatOptimizer? _optimizer;
    private double _rate;
    private long _steps;

    /// <summary>Makes the module's replicas equal; a collective call.</summary>
    /// <param name="module">This rank's replica; it stays the caller's.</param>
    /// <param name="communicator">The ranks that train together; it stays the caller's.</param>
    /// <param name="form">How far ranks may be apart; the same on all ranks.</param>
    /// <param name="codec">How gradients travel; null: in f32. The same kind on all ranks.</param>
    /// <param name="options">How else; null for the defaults.</param>
    /// <exception cref="TrainingException">The ranks built different models, or MPI lets only one thread call it.</exception>
    /// <exception cref="JobException">A rank's model cannot be trained here; all ranks get this.</exception>
    public ServerReplicas(nn.Module module, Intracommunicator communicator, ServerForm form, PushCodec? codec = null, DataParallelOptions? options = null)
        : base(module, communicator, options ?? new(), form.Groups(communicator.Size).RanksPerNode)
    {
        if (MpiEnvironment.Current is not { ThreadLevel: >= ThreadLevel.Serialized })
        {
            throw new TrainingException($"--parallel {form.Name} serves parameters on a thread of its own, and this MPI lets only the main one call it: use one with MPI_THREAD_SERIALIZED, or --parallel sync.");
        }

        (_form, _codec) = (form, codec ?? new PlainPush());
        var groups = form.Groups(communicator.Size);
        if ((long)Model.Layout.Length / groups.RanksPerNode * sizeof(float) > int.MaxValue)
        {
            throw new TrainingException($"a shard of the {Model.Layout.Length} parameters would not fit a message of 2 GiB: train on more ranks.");
        }

        _codec.Prepare(Model.Layout.Length);
        _superNode = groups.Nodes > 1 ? communicator.Split(groups.NodeOf(communicator.Rank)) : null;
        _server = new ParameterServer(
            new MpiTransport(communicator, sharesMemory: false), form, _codec, (options ?? new()).Communicator.StallTimeout);
    }

    /// <summary>"ssp:3", where something was exchanged.</summary>
    public override string? Algorithm => _steps == 0 ? null : _form.Name;

    /// <inheritdoc/>
    public override string Division => string.Create(CultureInfo.InvariantCulture,
        $"parameter server, {_server.Servers} {(_server.Servers == 1 ? "shard" : "shards")}{(_server.Copies > 1 ? $", in each of {_server.Copies} super nodes" : "")}");

    /// <inheritdoc/>
    public override ICompressionState? Compression => _codec.IsPlain ? null : _codec;

    /// <inheritdoc/>
    public override string CompressionName => _codec.Name;

    /// <inheritdoc/>
    public override string Report => string.Create(CultureInfo.InvariantCulture,
        $"{_form.Name}: a rank was at most {_server.LargestLead} steps ahead of the slowest; this rank sent {_server.SentBytes} bytes");

    /// <summary>The most steps by which a rank that went on was ahead of the slowest, as the server here has seen it.</summary>
    public long LargestLead => _server.LargestLead;

    /// <summary>Payload bytes that this rank has sent to others, as client and as server.</summary>
    public long SentBytes => _server.SentBytes;

    private int ShardLength => Model.Layout.Length / _server.Servers;

    /// <inheritdoc/>
    /// <exception cref="TrainingException">The optimizer needs whole layers, which shards cut.</exception>
    public override void Prepare(FlatOptimizer optimizer)
    {
        if (optimizer is LayerwiseOptimizer)
        {
            throw new TrainingException($"{optimizer.Name} compares whole layers, which the shards of parameter servers cut: train with another optimizer, or with --parallel sync or local.");
        }

        optimizer.Prepare(ShardLength);
    }

    /// <inheritdoc/>
    public override void Backward(Tensor loss, int count, int samplesOfStep, bool last)
    {
        ServeOthers();
        base.Backward(loss, count, samplesOfStep, last);
    }

    /// <inheritdoc/>
    public override void WithoutSamples()
    {
        ServeOthers();
        base.WithoutSamples();
    }

    /// <summary>Limits this rank's gradients; the servers step in <see cref="Publish"/>.</summary>
    public override bool Step(FlatOptimizer optimizer, double learningRate, double? maxNorm = null)
    {
        if (_optimizer is null)
        {
            _optimizer = optimizer;
            _server.Serve(Model.Values, optimizer); // not before: a checkpoint may have been restored
        }
        else if (_optimizer != optimizer)
        {
            throw new ArgumentException("the servers step with the optimizer of the first step: use the same in all", nameof(optimizer));
        }

        ClipOwn(maxNorm);
        _rate = learningRate;
        return true;
    }

    /// <summary>"push and pull".</summary>
    public override string? Exchange => "push and pull";

    /// <summary>Exchanges gradients for parameters.</summary>
    /// <exception cref="ServerException">A server does not answer.</exception>
    public override void Publish()
    {
        _server.Exchange(Model.Gradients, Model.Values, _rate, Share);
        _steps++;
        Model.Refresh();
        EndPasses();
    }

    /// <inheritdoc/>
    public override void Settle() => _server.Settle();

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, float[]> GatherState(FlatOptimizer optimizer)
    {
        var whole = new Dictionary<string, float[]>();
        foreach (var name in optimizer.State.Keys.Order(StringComparer.Ordinal))
        {
            whole[name] = new float[Model.Layout.Length];
            Gather(optimizer.State[name], whole[name]);
        }

        return whole;
    }

    /// <inheritdoc/>
    public override void RestoreState(FlatOptimizer optimizer, string name, ReadOnlySpan<float> whole)
        => whole.Slice(_server.Shard * ShardLength, ShardLength).CopyTo(optimizer.State[name]);

    /// <inheritdoc/>
    private protected override void MakeEqual()
    {
        Settle();
        if (_optimizer is not null)
        {
            Gather(_server.ShardValues, Model.Values);
            Model.Refresh();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _server.Dispose();
        _superNode?.Dispose();
        base.Dispose(disposing);
    }

    private void Gather(ReadOnlySpan<float> shard, Span<float> whole) => (_superNode ?? Communicator).AllGather<float>(shard, whole);

    // Others may be a step ahead. In the first step all are still to agree that the model takes the data, by collectives.
    private void ServeOthers()
    {
        if (_steps > 0)
        {
            _server.Resume();
        }
    }
}

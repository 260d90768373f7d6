using System.Numerics.Tensors;
using HpcTrain.Training.Optimizers;

namespace HpcTrain.Training.Servers;

/// <summary>
/// A server's shard of the parameters: takes pushes of its clients, steps, and says when a client may go on, which then gets the parameters as they are at that time. Knows
/// nothing of messages; one thread at a time calls it.
/// </summary>
/// <param name="values">The parameters of the shard, which are stepped in place.</param>
/// <param name="optimizer">The optimizer, with state for the shard.</param>
/// <param name="clients">Clients, numbered from 0. Each pushes once per step and waits to be let on.</param>
/// <param name="letOn">Answers a client's push.</param>
internal abstract class ParameterShard(float[] values, FlatOptimizer optimizer, int clients, Action<int> letOn)
{
    private readonly long[] _steps = new long[clients];

    /// <summary>The parameters.</summary>
    public float[] Values { get; } = values;

    /// <summary>Steps that each client has pushed.</summary>
    public IReadOnlyList<long> Steps => _steps;

    /// <summary>The most steps by which a client that was let on was ahead of the slowest one.</summary>
    public long LargestLead { get; private set; }

    /// <summary>Whether it has nothing to do until the next push.</summary>
    public abstract bool IsSettled { get; }

    /// <summary>The number of clients.</summary>
    protected int Clients => _steps.Length;

    protected FlatOptimizer Optimizer { get; } = optimizer;

    /// <summary>A client has pushed.</summary>
    /// <param name="client">Who.</param>
    /// <param name="rate">The learning rate for the batch of all clients.</param>
    /// <param name="share">The client's share of that batch; 0: it had no samples, and its gradients mean nothing.</param>
    /// <param name="gradients">The client's part of the mean gradient of that batch; the shard may change them during the call.</param>
    public void Push(int client, double rate, double share, Span<float> gradients)
    {
        _steps[client]++;
        Take(client, rate, share, gradients);
    }

    protected abstract void Take(int client, double rate, double share, Span<float> gradients);

    protected void LetOn(int client)
    {
        LargestLead = Math.Max(LargestLead, Lead(client));
        letOn(client);
    }

    /// <summary>How many steps a client is ahead of the slowest.</summary>
    protected long Lead(int client) => _steps[client] - _steps.Min();

    protected void Step(ReadOnlySpan<float> gradients, double rate)
    {
        Optimizer.StepPart(Values, gradients, 0, rate);
        Optimizer.EndStep();
    }
}

/// <summary>
/// Asynchronous and stale synchronous updates: each push is a step of its own, taken when it comes. A client waits only where it would be more steps ahead of the slowest than
/// a bound allows (Ho et al., "More Effective Distributed ML via a Stale Synchronous Parallel Parameter Server", NIPS 2013, section 2); without a bound nobody waits (Dean et al.,
/// "Large Scale Distributed Deep Networks", NIPS 2012, section 4.1).
/// </summary>
/// <remarks>
/// A push's gradients are those of its own samples, so the step is taken with their mean, gradients / share, and with the share of the learning rate that is for all. All clients together move
/// the parameters as far as a synchronous step does, with weight decay and with optimizers that do not mind a gradient's length, too. Momentum and moments decay per push.
/// </remarks>
internal sealed class StaleShard(float[] values, FlatOptimizer optimizer, int clients, long? bound, Action<int> letOn) : ParameterShard(values, optimizer, clients, letOn)
{
    private readonly List<int> _waiting = [];

    /// <inheritdoc/>
    public override bool IsSettled => _waiting.Count == 0;

    /// <inheritdoc/>
    protected override void Take(int client, double rate, double share, Span<float> gradients)
    {
        if (share > 0)
        {
            TensorPrimitives.Multiply(gradients, (float)(1 / share), gradients);
            Step(gradients, rate * share);
        }

        _waiting.Add(client);
        for (var i = 0; i < _waiting.Count;)
        {
            var next = _waiting[i];
            if (bound is { } steps && Lead(next) > steps)
            {
                i++;
                continue;
            }

            _waiting.RemoveAt(i);
            LetOn(next);
        }
    }
}

/// <summary>
/// Synchronous updates: when all clients have pushed, their gradients are added in the order of clients, whatever the order in which they came, and one step is taken: as by an
/// allreduce, with the same bits in each run.
/// </summary>
internal sealed class SynchronousShard : ParameterShard
{
    private readonly float[]?[] _pushed;
    private readonly float[][] _memory;
    private int _count;

    public SynchronousShard(float[] values, FlatOptimizer optimizer, int clients, Action<int> letOn) : base(values, optimizer, clients, letOn)
    {
        _pushed = new float[clients][];
        _memory = [.. Enumerable.Range(0, clients).Select(_ => new float[values.Length])];
    }

    /// <inheritdoc/>
    public override bool IsSettled => _count == 0;

    /// <inheritdoc/>
    protected override void Take(int client, double rate, double share, Span<float> gradients)
    {
        if (share > 0)
        {
            gradients.CopyTo(_memory[client]);
            _pushed[client] = _memory[client];
        }

        if (++_count < _pushed.Length)
        {
            return;
        }

        var sum = gradients;
        sum.Clear();
        foreach (var part in _pushed.OfType<float[]>())
        {
            TensorPrimitives.Add(sum, part, sum);
        }

        Step(sum, rate);
        Array.Clear(_pushed);
        _count = 0;
        for (var next = 0; next < _pushed.Length; next++)
        {
            LetOn(next);
        }
    }
}

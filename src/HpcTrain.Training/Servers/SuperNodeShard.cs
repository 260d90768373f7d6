using System.Numerics.Tensors;
using HpcTrain.Training.Optimizers;

namespace HpcTrain.Training.Servers;

/// <summary>
/// The hybrid that Facebook's HPCA paper names for training across many machines (Hazelwood et al., "Applied Machine Learning at Facebook: A Datacenter Infrastructure Perspective",
/// HPCA 2018): asynchronous inside a super node, synchronous between super nodes.
/// </summary>
/// <remarks>
/// <para>A super node of m ranks has one copy of the parameters, sharded over these. It collects pushes, whichever of its ranks they are from; a rank that has pushed goes on at once with the
/// parameters as they are, and waits for no neighbour. A round is m pushes. At its end the super nodes allreduce what they have collected, shard by shard, and each takes the
/// same step, so all super nodes have the same bits at all times. Only the rank whose push ended the round waits for that. Pushes that come while a round is being summed belong
/// to the next one; when this is full, too, further ones wait: fast super nodes do not run ahead of slow ones by more than a round.</para>
/// <para>Pushes of a round may be of different steps, and these may have different learning rates. The step is taken with the mean of the rates of its pushes, which is summed with the
/// gradients, so that it is the same in all super nodes.</para>
/// <para>With super nodes of one rank it is synchronous training; with one super node nothing is summed.</para>
/// </remarks>
/// <param name="values">The parameters of the shard.</param>
/// <param name="optimizer">The optimizer, with state for the shard.</param>
/// <param name="clients">The ranks of the super node.</param>
/// <param name="exchange">The shard's way to the other super nodes; one element longer than the shard.</param>
/// <param name="letOn">Answers a client's push.</param>
internal sealed class SuperNodeShard(float[] values, FlatOptimizer optimizer, int clients, SuperNodeExchange exchange, Action<int> letOn)
    : ParameterShard(values, optimizer, clients, letOn)
{
    private readonly Queue<(int Client, double Rate, float[]? Gradients)> _held = new();
    // Gradients, and behind them the rate.
    private float[] _collected = new float[values.Length + 1];
    private float[] _summed = new float[values.Length + 1];
    private int _count;
    private int _last = -1;

    /// <inheritdoc/>
    public override bool IsSettled => _count == 0 && _last < 0 && _held.Count == 0;

    /// <summary>Rounds that all super nodes have taken together.</summary>
    public long Rounds { get; private set; }

    /// <summary>The sum over all super nodes may have come: takes the step, if so.</summary>
    public void GoOn()
    {
        while (_last >= 0 && exchange.IsDone)
        {
            Step(_summed.AsSpan(0, Values.Length), _summed[Values.Length]);
            _summed.AsSpan().Clear();
            Rounds++;
            var last = _last;
            _last = -1;
            LetOn(last);
            while (_held.Count > 0 && (_count < Clients - 1 || _last < 0))
            {
                var (client, rate, gradients) = _held.Dequeue();
                Collect(client, rate, gradients ?? []);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Take(int client, double rate, double share, Span<float> gradients)
    {
        if (_last >= 0 && _count == Clients - 1)
        {
            // It would end a round before the one that is being summed.
            _held.Enqueue((client, rate, share > 0 ? gradients.ToArray() : null));
            return;
        }

        Collect(client, rate, share > 0 ? gradients : []);
        GoOn();
    }

    private void Collect(int client, double rate, ReadOnlySpan<float> gradients)
    {
        if (!gradients.IsEmpty)
        {
            var sum = _collected.AsSpan(0, gradients.Length);
            TensorPrimitives.Add(sum, gradients, sum);
        }

        _collected[Values.Length] += (float)(rate / Clients / exchange.SuperNodes);

        if (++_count < Clients)
        {
            LetOn(client);
            return;
        }

        (_collected, _summed) = (_summed, _collected);
        (_count, _last) = (0, client);
        exchange.Begin(_summed);
    }
}

using System.Globalization;
using System.Numerics.Tensors;
using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Optimizers;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Local SGD: each rank takes steps by its own samples alone, and every H steps the replicas become their average (Stich, "Local SGD Converges Fast and
/// Communicates Little", ICLR 2019). The average weighs each rank by the samples that it has seen since the last one, so ranks may do unequal work. With a proximal term
/// it is FedProx (Li et al., "Federated Optimization in Heterogeneous Networks", MLSys 2020, algorithm 2): a rank minimises its loss + mu/2 |w - w_average|^2, so its gradient gets
/// mu (w - w_average), which keeps replicas near the last average that see different data or do more steps than others.
/// </summary>
/// <remarks>
/// <para>Cost: an allreduce of the parameters and of each state buffer of the optimizer every H steps, in place of one of the gradients in each; for SGD with momentum 2/H of the
/// bytes. It wins where links are slow. With H = 1, plain SGD and no proximal term it takes the steps of synchronous training.</para>
/// <para>The optimizer's state is averaged with the parameters, by the same weights (Yu, Jin and Yang, "On the Linear Speedup Analysis of Communication Efficient Momentum SGD", ICML
/// 2019): all ranks then continue with the same state, and a checkpoint has that one state. Evaluation and checkpoints need equal replicas and so average too; how often they
/// are made has an effect on the bits, therefore.</para>
/// <para>The learning rate is that for the batch of all ranks, and a gradient is the mean over the rank's own samples.</para>
/// </remarks>
public sealed class LocalSgd : LooseReplicas
{
    private readonly int _steps;
    private readonly double _mu;
    private readonly CollectiveOptions _options;
    private readonly float[] _average;
    private FlatOptimizer? _optimizer;
    private LayerSteps? _layers;
    private string? _algorithm;
    private int _since;
    private double _samples;

    /// <summary>Makes the module's replicas equal; a collective call.</summary>
    /// <param name="module">This rank's replica; it stays the caller's.</param>
    /// <param name="communicator">The ranks that train together; it stays the caller's.</param>
    /// <param name="steps">Steps between two averages, at least 1.</param>
    /// <param name="mu">The weight of the proximal term, 0 for none.</param>
    /// <param name="options">How; null for the defaults. Parameters travel in f32.</param>
    /// <exception cref="TrainingException">The ranks built different models; the first difference is named.</exception>
    /// <exception cref="JobException">A rank's model cannot be trained here; all ranks get this.</exception>
    public LocalSgd(nn.Module module, Intracommunicator communicator, int steps, double mu = 0, DataParallelOptions? options = null)
        : base(module, communicator, options ?? new(), blocks: 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(mu);
        (_steps, _mu) = (steps, mu);
        _options = options?.Collectives ?? CollectiveOptions.Default;
        _average = mu == 0 ? [] : new float[Model.Layout.Length];
    }

    /// <summary>The algorithm of the last averaging's allreduce.</summary>
    public override string? Algorithm => _algorithm;

    /// <inheritdoc/>
    public override string Division => string.Create(CultureInfo.InvariantCulture,
        $"local steps, averaged every {_steps}{(_mu == 0 ? "" : $", proximal term {_mu}")}");

    /// <inheritdoc/>
    public override string Report => string.Create(CultureInfo.InvariantCulture, $"replicas were averaged {Averages} times");

    /// <summary>How often replicas were averaged.</summary>
    public long Averages { get; private set; }

    /// <inheritdoc/>
    public override void Prepare(FlatOptimizer optimizer)
    {
        optimizer.Prepare(Model.Layout.Length);
        _layers = optimizer is LayerwiseOptimizer ? new LayerSteps(Model, [new OwnPart(0, Model.Layout.Length, 0)], null) : null;
    }

    /// <summary>Steps this rank's own replica; a rank without samples stays where it is.</summary>
    public override bool Step(FlatOptimizer optimizer, double learningRate, double? maxNorm = null)
    {
        _optimizer = optimizer;
        if (_since++ == 0 && _mu != 0)
        {
            Model.Values.CopyTo(_average);
        }

        if (Share > 0)
        {
            ClipOwn(maxNorm);
            Scale(Model.Gradients, 1 / Share);
            AddProximalTerm();
            if (optimizer is LayerwiseOptimizer layerwise)
            {
                _layers!.Step(layerwise, learningRate);
            }
            else
            {
                optimizer.Step(Model.Values, Model.Gradients, learningRate);
            }

            Model.Refresh();
            _samples += Share;
        }

        EndPasses();
        return true;
    }

    /// <summary>"average", where one is due.</summary>
    public override string? Exchange => _since >= _steps ? "average" : null;

    /// <summary>Averages, if the last average is so many steps ago.</summary>
    public override void Publish()
    {
        if (_since >= _steps)
        {
            Average();
        }
    }

    /// <summary>Nothing: ranks exchange nothing but averages, and these are collective.</summary>
    public override void Settle()
    {
    }

    /// <summary>The state of this rank, which is that of all after <see cref="LooseReplicas.SynchronizeState"/>.</summary>
    public override IReadOnlyDictionary<string, float[]> GatherState(FlatOptimizer optimizer) => optimizer.State;

    /// <inheritdoc/>
    public override void RestoreState(FlatOptimizer optimizer, string name, ReadOnlySpan<float> whole) => whole.CopyTo(optimizer.State[name]);

    /// <inheritdoc/>
    private protected override void MakeEqual()
    {
        if (_since > 0)
        {
            Average();
        }
    }

    private void AddProximalTerm()
    {
        if (_mu == 0)
        {
            return;
        }

        var gradients = Model.Gradients;
        var values = Model.Values;
        for (var i = 0; i < gradients.Length; i++)
        {
            gradients[i] += (float)(_mu * (values[i] - _average[i]));
        }
    }

    private void Average()
    {
        Span<double> all = [_samples];
        Communicator.AllReduce(all, MpiOp.Sum);
        if (all[0] == 0)
        {
            _since = 0;
            return; // nobody has worked: the replicas are where they were
        }

        Span<long> steps = [_optimizer!.Steps];
        Communicator.AllReduce(steps, MpiOp.Max);
        var weight = (float)(_samples / all[0]);
        Average(Model.Values, weight);
        foreach (var state in _optimizer.State.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            Average(state.Value, weight);
        }

        Model.Refresh();
        _optimizer.RestoreSteps(steps[0]);
        (_since, _samples) = (0, 0);
        Averages++;
    }

    private void Average(Span<float> values, float weight)
    {
        TensorPrimitives.Multiply(values, weight, values);
        _algorithm = Collectives.AllReduce(values, ReduceOp.Sum, _options).Algorithm;
    }
}

using HpcTrain.Collectives;
using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Reduction;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Replicas that are equal at the start and whenever the ranks settle, and may differ in between: what ways of training have in common in which ranks do not wait for
/// each other in every step. Each rank has its whole replica, and gradients of its own samples.
/// </summary>
public abstract class LooseReplicas : ITrainingParallelism
{
    private readonly GradientCollector _collector;
    private readonly BufferPolicy _buffers;
    private bool _isFirstPass = true;

    /// <summary>Makes the module's replicas equal to rank 0's; a collective call.</summary>
    /// <param name="module">This rank's replica; it stays the caller's.</param>
    /// <param name="communicator">The ranks that train together; it stays the caller's.</param>
    /// <param name="options">How.</param>
    /// <param name="blocks">How many equal blocks the flat buffers must have.</param>
    /// <exception cref="TrainingException">The ranks built different models, or an option needs ranks that wait for each other; all ranks get this.</exception>
    /// <exception cref="JobException">A rank's model cannot be trained here; all ranks get this.</exception>
    private protected LooseReplicas(nn.Module module, Intracommunicator communicator, DataParallelOptions options, int blocks)
    {
        if (options.Buffers == BufferPolicy.EachStep)
        {
            throw new TrainingException("--buffers eachstep lets all ranks meet in every step, which only --parallel sync does: use broadcast, average or local.");
        }

        if (options.LossScaling is not null)
        {
            throw new TrainingException("--loss-scale needs all ranks to leave out the same steps, which only --parallel sync does: compute in f32 or bf16, without a scale.");
        }

        _buffers = options.Buffers;
        Communicator = communicator;
        Collectives = new CollectiveCommunicator(communicator, options.Communicator with { ProbeCosts = options.Communicator.ProbeCosts ?? false });
        Model = Agreement.Run(communicator, () => new FlatModel(module, blocks, options.BucketBytes, options.Precision));
        ReplicaCheck.SameStructure(Model, communicator);
        communicator.Broadcast(Model.Values, 0);
        foreach (var (_, tensor) in Model.OtherState.Where(o => o.Tensor.numel() > 0))
        {
            communicator.Broadcast(TensorMemory.Bytes(tensor), 0);
        }

        Model.Refresh();
        _collector = new GradientCollector(Model);
    }

    /// <inheritdoc/>
    public FlatModel Model { get; }

    /// <inheritdoc/>
    public abstract string? Algorithm { get; }

    /// <inheritdoc/>
    public abstract string Division { get; }

    /// <summary>No: what is exchanged is known after backward only.</summary>
    public bool Overlaps => false;

    /// <inheritdoc/>
    public virtual ICompressionState? Compression => null;

    /// <inheritdoc/>
    public virtual string CompressionName => "none";

    /// <inheritdoc/>
    public virtual string? Report => null;

    /// <inheritdoc/>
    public CollectiveObserver? Observer
    {
        get => Collectives.Observer;
        set => Collectives.Observer = value;
    }

    /// <summary>The ranks.</summary>
    private protected Intracommunicator Communicator { get; }

    /// <summary>The same ranks, for planned collectives.</summary>
    private protected CollectiveCommunicator Collectives { get; }

    /// <summary>This rank's share of the samples of the step under way, from 0 to 1; its gradients are those of the mean over all samples of the step, so far as its own samples go.</summary>
    private protected double Share { get; private set; }

    /// <inheritdoc/>
    public abstract void Prepare(FlatOptimizer optimizer);

    /// <inheritdoc/>
    public virtual void Backward(Tensor loss, int count, int samplesOfStep, bool last)
    {
        var share = DataParallel.LossWeight(count, samplesOfStep);
        _collector.Begin(_isFirstPass);
        using (var weighted = loss * share)
        {
            weighted.backward();
        }

        for (var slot = 0; slot < Model.Slots.Count; slot++)
        {
            _collector.Finish(slot);
        }

        _isFirstPass = false;
        Share += share;
    }

    /// <inheritdoc/>
    public virtual void WithoutSamples()
    {
        if (_isFirstPass)
        {
            Model.ZeroGradients();
            _isFirstPass = false;
        }
    }

    /// <summary>Nothing: a rank waits for nobody before its step.</summary>
    public void FinishBackward(double? maxNorm = null)
    {
    }

    /// <inheritdoc/>
    public abstract bool Step(FlatOptimizer optimizer, double learningRate, double? maxNorm = null);

    /// <inheritdoc/>
    public abstract string? Exchange { get; }

    /// <inheritdoc/>
    public abstract void Publish();

    /// <inheritdoc/>
    public abstract void Settle();

    /// <inheritdoc/>
    public void SynchronizeState()
    {
        MakeEqual();
        ModelBuffers.Synchronize(Model, Communicator, Collectives, _buffers);
    }

    /// <inheritdoc/>
    public void CheckEqual() => ReplicaCheck.Equal(Model, Communicator);

    /// <inheritdoc/>
    public abstract IReadOnlyDictionary<string, float[]> GatherState(FlatOptimizer optimizer);

    /// <inheritdoc/>
    public abstract void RestoreState(FlatOptimizer optimizer, string name, ReadOnlySpan<float> whole);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Settles, and gives all replicas the same parameters; a collective call.</summary>
    private protected abstract void MakeEqual();

    /// <summary>Ends what this object has begun.</summary>
    /// <param name="disposing">True: it has no finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        Model.Dispose();
        Collectives.Dispose();
    }

    /// <summary>The step has taken this rank's gradients: the next pass replaces them.</summary>
    private protected void EndPasses() => (_isFirstPass, Share) = (true, 0);

    /// <summary>
    /// Limits the norm of the mean gradient over this rank's own samples, which is what a rank can know without the others.
    /// </summary>
    private protected void ClipOwn(double? maxNorm)
    {
        if (maxNorm is not { } limit || Share == 0)
        {
            return;
        }

        var norm = Math.Sqrt(SumOfSquares(Model.Gradients)) / Share;
        if (norm > limit)
        {
            Scale(Model.Gradients, limit / (norm + 1e-6));
        }
    }

    private protected static unsafe void Scale(Span<float> values, double factor)
    {
        fixed (float* first = values)
        {
            HostKernels.Scale(ElementType.F32, first, values.Length, factor);
        }
    }

    private static unsafe double SumOfSquares(Span<float> values)
    {
        fixed (float* first = values)
        {
            return HostKernels.SumOfSquares(first, values.Length);
        }
    }
}

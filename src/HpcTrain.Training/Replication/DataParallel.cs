using System.Diagnostics;
using HpcTrain.Collectives;
using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Mpi;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Reduction;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Synchronous data parallelism: every rank holds the whole model and a part of each global batch; gradients are averaged while backward goes on, bucket by bucket, so every
/// rank takes the same step and the replicas keep the same bits (Hazelwood et al., HPCA 2018, section V). Rank 0's parameters and buffers are
/// broadcast at the start, and the ranks check that they then agree. All methods are collective calls, made by one thread.
/// </summary>
/// <remarks>
/// A step is: for each micro-batch forward and <see cref="Backward"/> (or <see cref="WithoutSamples"/>), then <see cref="Step"/>. The first step
/// learns which parameters get gradients after their module has reported; these are summed at the end of backward in all later steps.
/// </remarks>
public sealed partial class DataParallel : ITrainingParallelism
{
    private readonly Intracommunicator _communicator;
    private readonly CollectiveCommunicator _collectives;
    private readonly DataParallelOptions _options;
    private readonly GradientMemory _memory;
    private readonly WorkDivision _work;
    private readonly GradientCollector _collector;
    private readonly BackwardWatch? _watch;
    private readonly CommunicationThread? _thread;
    private readonly BucketQueue _queue;
    private GradientReduction? _reduction;
    private LayerSteps? _layers;
    private bool _isFirstPass = true;
    private bool _isLastPass;
    private bool _inBackward;
    private bool _sumsInStep;

    /// <summary>Makes the module's replicas equal; a collective call.</summary>
    /// <param name="module">This rank's replica; it stays the caller's.</param>
    /// <param name="communicator">The ranks that train together.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="TrainingException">The ranks built different models; the first difference is named.</exception>
    /// <exception cref="JobException">A rank's model cannot be trained here; all ranks get this.</exception>
    public DataParallel(nn.Module module, Intracommunicator communicator, DataParallelOptions? options = null)
    {
        _communicator = communicator;
        _options = options ?? new DataParallelOptions();
        _collectives = new CollectiveCommunicator(communicator, _options.Communicator with { ProbeCosts = _options.Communicator.ProbeCosts ?? false });
        Model = Agreement.Run(communicator, () => new FlatModel(module, communicator.Size, _options.BucketBytes, _options.Precision));
        ReplicaCheck.SameStructure(Model, communicator);
        communicator.Broadcast(Model.Values, 0);
        foreach (var (_, tensor) in Model.OtherState.Where(o => o.Tensor.numel() > 0))
        {
            communicator.Broadcast(TensorMemory.Bytes(tensor), 0);
        }

        Model.Refresh();
        ReplicaCheck.Equal(Model, communicator);
        _memory = new GradientMemory(Model, _collectives);
        _work = Divide();
        _collector = new GradientCollector(Model);
        _queue = new BucketQueue(Model.Layout);
        if (MayOverlap())
        {
            _thread = new CommunicationThread();
        }

        if (_thread is not null || _options.WatchesLayers)
        {
            _watch = new BackwardWatch(Model, Completed);
        }
    }

    /// <summary>The model in flat buffers.</summary>
    public FlatModel Model { get; }

    /// <summary>The algorithm that the last sum of gradients really ran; null before the first.</summary>
    public string? Algorithm => _work.Algorithm;

    /// <summary>Who steps what: "replicated", "sharded" or "one copy per node".</summary>
    public string Division => _work.Name;

    /// <summary>Whether gradients are summed while backward goes on.</summary>
    public bool Overlaps => _thread is not null;

    /// <summary>What this rank has sent for gradients since the start, see <see cref="GradientReduction.SentBytes"/>; null where nothing counts it.</summary>
    public long? SentBytes => _reduction?.SentBytes;

    /// <summary>How gradients are compressed, with its state; null where they are not.</summary>
    public GradientReduction? Compression => _reduction is PlainReduction ? null : _reduction;

    /// <inheritdoc/>
    ICompressionState? ITrainingParallelism.Compression => Compression;

    /// <inheritdoc/>
    ReplicaTrace? ITrainingParallelism.Trace
    {
        get => Trace;
        set => Trace = value;
    }

    /// <summary>The norm of the last step's averaged gradients over all parameters, before clipping; null where nothing was clipped by it.</summary>
    public double? GradientNorm { get; private set; }

    /// <summary>How losses are scaled, with its state; null where they are not.</summary>
    public LossScaling? LossScaling => _options.LossScaling;

    /// <summary>Is told of backward and of sums; null for nobody.</summary>
    internal ReplicaTrace? Trace { get; set; }

    /// <summary>Ticks of <see cref="Stopwatch"/> that steps have spent letting other ranks' parameters arrive, waiting included.</summary>
    public long PublishTicks { get; private set; }

    /// <summary>Elements of the optimizer's state on this rank, for each of its buffers.</summary>
    public int StateLength => _work.StateLength;

    /// <summary>Is told of each collective of the replicas; null for nobody. During backward it is told on another thread.</summary>
    public CollectiveObserver? Observer
    {
        get => _collectives.Observer;
        set => _collectives.Observer = value;
    }

    /// <summary>
    /// What a rank multiplies its mean loss with when it has <paramref name="count"/> of the <paramref name="globalCount"/>
    /// samples of a step: its share. The average then weighs samples, not ranks.
    /// </summary>
    public static double LossWeight(int count, int globalCount) => (double)count / globalCount;

    /// <summary>Gives the optimizer the state that this rank's part of the step needs.</summary>
    public void Prepare(FlatOptimizer optimizer)
    {
        optimizer.Prepare(_work.StateLength);
        _layers = optimizer is LayerwiseOptimizer ? new LayerSteps(Model, _work.Parts, _work.IsSharded ? _collectives : null) : null;
    }

    /// <summary>
    /// Backward of one micro-batch. Buckets of the last one are summed over the ranks as they are completed. Not a collective call
    /// by itself, but each rank makes as many per step, <see cref="WithoutSamples"/> counted.
    /// </summary>
    /// <param name="loss">A scalar: the mean loss times <see cref="LossWeight"/>. It stays the caller's.</param>
    /// <param name="last">Whether it is the step's last micro-batch.</param>
    /// <exception cref="TrainingException">A parameter got a gradient after the ranks had begun to sum it.</exception>
    public void Backward(Tensor loss, bool last = true)
    {
        _collector.Begin(_isFirstPass);
        Trace?.BackwardBegan(Stopwatch.GetTimestamp());
        (_inBackward, _isLastPass) = (true, last);
        try
        {
            if (_options.LossScaling is { } scaling)
            {
                using var scaled = loss * scaling.Scale;
                scaled.backward();
            }
            else
            {
                loss.backward();
            }
        }
        finally
        {
            _inBackward = false;
            _watch?.Reset();
        }

        Trace?.BackwardEnded(Stopwatch.GetTimestamp());

        for (var slot = 0; slot < Model.Slots.Count; slot++)
        {
            if (_collector.Finish(slot) && !_queue.CameLate(slot))
            {
                throw new TrainingException(
                    $"parameter {Model.Slots[slot].Name} got another gradient after its module was done with backward, and after the ranks had begun to sum it, which it did not in the first step: "
                    + "use parameters in the same way in every step, or train with --overlap off.");
            }
        }

        _isFirstPass = false;
    }

    /// <inheritdoc/>
    void ITrainingParallelism.Backward(Tensor loss, int count, int samplesOfStep, bool last) => Backward(loss * LossWeight(count, samplesOfStep), last);

    /// <summary>Takes the place of <see cref="Backward"/> on a rank that has no samples in a micro-batch: its gradients are zero.</summary>
    public void WithoutSamples()
    {
        if (_isFirstPass)
        {
            Model.ZeroGradients();
            _isFirstPass = false;
        }
    }

    /// <summary>
    /// Waits until gradients are the average over the samples of all ranks, at least where this rank steps. Each rank has scaled its loss by
    /// <see cref="LossWeight"/>, so that adding up is all that is left to do: no pass over the buffer divides.
    /// </summary>
    /// <exception cref="ScheduleException">A rank does not answer or sums something else.</exception>
    public void AverageGradients()
    {
        foreach (var bucket in _queue.TakeRest())
        {
            Launch(bucket);
        }

        _thread?.Drain();
        EndPasses();
    }

    /// <summary>
    /// Waits for the gradients of all ranks, as <see cref="AverageGradients"/> does, but where ranks have one copy of the parameters leaves the sum to <see cref="Step"/>, which then
    /// takes one pass over memory for both.
    /// </summary>
    /// <param name="maxNorm">The norm that <see cref="Step"/> will be asked for; it needs the sums first.</param>
    /// <exception cref="ScheduleException">A rank does not answer.</exception>
    public void FinishBackward(double? maxNorm = null)
    {
        if (_thread is null && maxNorm is null && _options.LossScaling is null && _layers is null && _work is NodeWork)
        {
            _collectives.Barrier();
            EndPasses();
            _sumsInStep = true;
        }
        else
        {
            AverageGradients();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _thread?.Dispose();
        _watch?.Dispose();
        Model.Dispose();
        _memory.Dispose();
        _collectives.Dispose();
    }

    private WorkDivision Divide()
    {
        var compresses = _options.Reduction is not (null or PlainReduction);
        // Who names an algorithm or a plan, here or by rules, gets an allreduce by it.
        var plain = !compresses && _options.Collectives.Algorithm == AlgorithmCatalog.Auto && _options.Collectives.Schedule is null && _options.Communicator.Rules is null;
        if (_collectives.SharesMemory)
        {
            _memory.PlaceGradients(_communicator);
        }

        if (_collectives.SharesOneNode && plain && _options.Sharding != StepSharding.Never && _memory.ShareValues(_communicator))
        {
            return new NodeWork(Model, _collectives, _memory);
        }

        if (_options.Sharding == StepSharding.Always && plain)
        {
            return new ShardedWork(Model, _collectives, null, _memory);
        }

        _reduction = _options.Reduction ?? new PlainReduction();
        _reduction.Prepare(Model.Layout.Buckets, _collectives, _options.Collectives);
        return _options.Sharding == StepSharding.Always
            ? new ShardedWork(Model, _collectives, _reduction, _memory)
            : new ReplicatedWork(Model, _collectives, _reduction, _memory);
    }

    private bool MayOverlap()
        => _communicator.Size > 1
            && MpiEnvironment.Current is { ThreadLevel: >= ThreadLevel.Serialized } mpi
            && (_options.Overlap ?? (!_collectives.SharesOneNode || RankCores.Count(mpi.Launch.LocalSize) > 1));

    /// <summary>Called during backward: a parameter's gradient is complete.</summary>
    private void Completed(int slot)
    {
        if (!_inBackward)
        {
            return; // of a loss that this object does not know
        }

        Trace?.BackwardPassed(Model.Slots[slot], Stopwatch.GetTimestamp());
        if (_thread is null)
        {
            return; // nothing is gained by taking it early
        }

        _collector.Report(slot);
        if (_isLastPass)
        {
            foreach (var bucket in _queue.Complete(slot))
            {
                Launch(bucket);
            }
        }
    }

    private void EndPasses()
    {
        _queue.EndStep(_communicator, learns: _thread is not null);
        _isFirstPass = true;
    }

    private void Launch(GradientBucket bucket)
    {
        var completed = Stopwatch.GetTimestamp();
        if (_thread is null)
        {
            Sum(bucket, completed);
        }
        else
        {
            _thread.Post(() => Sum(bucket, completed));
        }
    }

    private void Sum(GradientBucket bucket, long completed)
    {
        var started = Stopwatch.GetTimestamp();
        _work.Sum(bucket);
        Trace?.Summed(bucket, completed, started, Stopwatch.GetTimestamp());
    }
}

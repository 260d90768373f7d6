using System.Diagnostics;
using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Pipelines;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Optimizers;
using static TorchSharp.torch;

namespace HpcTrain.Training.Pipelines;

/// <summary>
/// Runs a checked pipeline schedule: each rank takes the actions of its list in order. Activations and gradients travel by nonblocking messages between buffers that are allocated
/// once; receives are posted ahead, sends and the reduction among replicas go on beside what follows. Methods are collective calls, made by one thread.
/// </summary>
/// <remarks>
/// What the list promises, and what a runtime may do less strictly, is said in HpcTrain.Pipelines. Micro-batches are equally large; the loss of a step is the mean of theirs, and
/// gradients are added up in their order, so all schedules give the same bits.
/// </remarks>
public sealed unsafe class PipelineRunner : IDisposable
{
    private readonly RankGrid _grid;
    private readonly PipelineSchedule _schedule;
    private readonly PipelineSchedule _forwardOnly;
    private readonly PipelineOptions _options;
    private readonly Func<Tensor, Tensor, Tensor> _loss;
    private readonly SortedDictionary<int, PipelineChunk> _chunks = [];
    private readonly Dictionary<int, PipelineMessages> _receives = [];
    private readonly Dictionary<int, PipelineMessages> _sends = [];
    private readonly Dictionary<(int Chunk, int MicroBatch), Tensor> _outputs = [];
    private readonly Dictionary<(int Chunk, int MicroBatch), Tensor> _gradients = [];
    private readonly List<CollectiveRequest> _reductions = [];
    private readonly bool _sharesCores = MpiEnvironment.Current is { } mpi && mpi.Launch.LocalSize > Environment.ProcessorCount;
    private readonly CollectiveCommunicator? _replicas;
    private double _lossSum;

    /// <summary>Makes this rank's chunks and gives all replicas the parameters of replica 0; a collective call.</summary>
    /// <param name="grid">The ranks; it stays the caller's.</param>
    /// <param name="schedule">What runs; it is checked.</param>
    /// <param name="cut">Which layers are which chunk; placed as in the schedule.</param>
    /// <param name="layers">All layers of the model.</param>
    /// <param name="loss">From output and target of a micro-batch to its mean loss, a scalar.</param>
    /// <param name="input">An input micro-batch, by whose shape messages are made; used on the rank of the first chunk.</param>
    /// <param name="options">How it runs; null for the defaults.</param>
    /// <exception cref="PipelineException">The schedule is wrong.</exception>
    /// <exception cref="TrainingException">Schedule, cut, layers and ranks do not belong together.</exception>
    /// <exception cref="JobException">Layers do not fit together; all ranks get this.</exception>
    public PipelineRunner(
        RankGrid grid, PipelineSchedule schedule, ModelCut cut, IReadOnlyList<PipelineLayer> layers, Func<Tensor, Tensor, Tensor> loss, Tensor? input, PipelineOptions? options = null)
    {
        (_grid, _schedule, _loss, _options) = (grid, schedule, loss, options ?? new PipelineOptions());
        Require(schedule.Stages == Ranks.Size, $"the schedule has {schedule.Stages} stages and there are {Ranks.Size} ranks in a replica");
        Require(schedule.Placement.SequenceEqual(cut.Placement), "the cut places chunks on other ranks than the schedule does");
        Require(cut.Layers == layers.Count, $"the cut is of a model with {cut.Layers} layers, this one has {layers.Count}");
        Require(_options.Wire is ElementType.F32 or ElementType.F16 or ElementType.BF16, $"{_options.Wire.Name()} cannot be what travels: f32, f16 or bf16 can");
        var report = PipelineChecker.Check(schedule);
        _forwardOnly = PipelineGenerators.Create("forward-only", new(schedule.Stages, schedule.MicroBatches, schedule.Chunks / schedule.Stages));
        var isSplit = schedule.Programs.Any(program => program.Any(action => action.Kind == ActionKind.BackwardInput));
        foreach (var chunk in schedule.ChunksOf[Ranks.Rank])
        {
            var own = layers.Take(cut.LayersOf(chunk)).Select(layer => (layer.Name, layer.Make())).ToList();
            _chunks[chunk] = new PipelineChunk(own, _options.Recompute, isSplit);
        }

        var shapes = PipelineShapes.Find(Ranks, schedule, _chunks, input);
        foreach (var chunk in _chunks.Keys)
        {
            MakeMessages(chunk, shapes, report.Buffers[chunk]);
        }

        if (grid.OfStage.Size > 1)
        {
            _replicas = new CollectiveCommunicator(grid.OfStage, new() { ProbeCosts = false });
            foreach (var chunk in _chunks.Values.Where(c => c.Model is not null))
            {
                grid.OfStage.Broadcast(chunk.Model!.Values, 0);
            }
        }
    }

    /// <summary>The chunks of this rank, by number.</summary>
    internal IReadOnlyDictionary<int, PipelineChunk> Chunks => _chunks;

    /// <summary>The norm of the last step's gradients over all stages, before clipping; null where nothing was clipped.</summary>
    public double? GradientNorm { get; private set; }

    private Intracommunicator Ranks => _grid.OfReplica;

    private bool HasFirst => _chunks.ContainsKey(0);

    private bool HasLast => _chunks.ContainsKey(_schedule.Chunks - 1);

    /// <summary>Gives the optimizer the state of this rank's chunks.</summary>
    public void Prepare(FlatOptimizer optimizer)
    {
        Require(optimizer is not LayerwiseOptimizer, $"{optimizer.Name} needs norms over layers, which pipelines do not give yet: use sgd, adam or adamw");
        optimizer.Prepare(_chunks.Values.Sum(c => c.Model?.Values.Length ?? 0));
    }

    /// <summary>One step of training.</summary>
    /// <param name="input">A micro-batch's input, asked for on the rank of the first chunk; the runner disposes of it.</param>
    /// <param name="target">A micro-batch's target, asked for on the rank of the last chunk; it stays the caller's.</param>
    /// <param name="optimizer">The optimizer, which <see cref="Prepare"/> has seen.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="maxNorm">The largest norm of all gradients of all stages together; null: any.</param>
    /// <returns>The mean loss of the replica's micro-batches, on every rank.</returns>
    /// <exception cref="TrainingException">A message does not come.</exception>
    public double Step(Func<int, Tensor> input, Func<int, Tensor> target, FlatOptimizer optimizer, double learningRate, double? maxNorm = null)
    {
        foreach (var chunk in _chunks.Values)
        {
            chunk.Model?.ZeroGradients();
        }

        return Run(_schedule, input, target, () => Update(optimizer, learningRate, maxNorm));
    }

    /// <summary>The mean loss of as many micro-batches as a step has, forward only.</summary>
    /// <inheritdoc cref="Step"/>
    public double Evaluate(Func<int, Tensor> input, Func<int, Tensor> target) => Run(_forwardOnly, input, target, () => { });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var messages in _receives.Values.Concat(_sends.Values))
        {
            messages.Dispose();
        }

        foreach (var chunk in _chunks.Values)
        {
            chunk.Dispose();
        }

        _replicas?.Dispose();
    }

    private double Run(PipelineSchedule schedule, Func<int, Tensor> input, Func<int, Tensor> target, Action update)
    {
        _lossSum = 0;
        var isTraining = schedule.Purpose == PipelinePurpose.Training;
        var expected = _receives.ToDictionary(r => r.Key, r => r.Value.Taken + (isTraining || r.Key % 2 == 0 ? schedule.MicroBatches : 0));
        foreach (var action in schedule.Programs[Ranks.Rank])
        {
            foreach (var (channel, messages) in _receives)
            {
                messages.PostReceives(expected[channel]);
            }

            Take(schedule, action, input, target, isTraining, update);
            Progress();
        }

        Await("its sends to end", () => Progress());
        Span<double> loss = [_lossSum];
        Ranks.Broadcast(loss, _schedule.Placement[^1]);
        return loss[0];
    }

    private void Take(PipelineSchedule schedule, PipelineAction action, Func<int, Tensor> input, Func<int, Tensor> target, bool isTraining, Action update)
    {
        var key = (action.Chunk, action.MicroBatch);
        switch (action.Kind)
        {
            case ActionKind.Forward:
                Forward(schedule, action, input, target, isTraining);
                break;

            case ActionKind.Backward or ActionKind.BackwardInput:
                using (var gradient = GradientOf(schedule, action))
                {
                    var chunk = _chunks[action.Chunk];
                    var ofInput = action.Kind == ActionKind.Backward ? chunk.Backward(action.MicroBatch, gradient) : chunk.BackwardInput(action.MicroBatch, gradient);
                    if (ofInput is not null)
                    {
                        _gradients[key] = ofInput;
                    }
                }

                break;

            case ActionKind.BackwardWeight:
                _chunks[action.Chunk].BackwardWeight(action.MicroBatch);
                break;

            case ActionKind.SendActivation or ActionKind.SendGradient:
                var messages = _sends[PipelineSchedule.Channel(action)];
                Await($"{action} to have a free buffer", messages.MaySend);
                _ = (action.Kind == ActionKind.SendActivation ? _outputs : _gradients).Remove(key, out var tensor);
                using (tensor)
                {
                    messages.Send(tensor!);
                }

                break;

            case ActionKind.ReduceGradients:
                Reduce(_chunks[action.Chunk]);
                break;

            case ActionKind.Step:
                update();
                break;
        }
    }

    private void Forward(PipelineSchedule schedule, PipelineAction action, Func<int, Tensor> input, Func<int, Tensor> target, bool isTraining)
    {
        Tensor? value;
        if (action.Chunk == 0)
        {
            value = input(action.MicroBatch);
        }
        else if (schedule.IsBoundary(action.Chunk - 1))
        {
            value = Receive(2 * (action.Chunk - 1), action, "activation");
        }
        else
        {
            _ = _outputs.Remove((action.Chunk - 1, action.MicroBatch), out value);
        }

        var isLast = action.Chunk == _schedule.Chunks - 1;
        Func<Tensor, Tensor>? loss = isLast ? output => _loss(output, target(action.MicroBatch)) / _schedule.MicroBatches : null;
        var result = _chunks[action.Chunk].Forward(action.MicroBatch, value!, needsGradient: action.Chunk > 0, loss, isTraining);
        if (isLast)
        {
            using (result)
            {
                _lossSum += result.item<float>();
            }
        }
        else
        {
            _outputs[(action.Chunk, action.MicroBatch)] = result;
        }
    }

    private Tensor? GradientOf(PipelineSchedule schedule, PipelineAction action)
    {
        if (action.Chunk == schedule.Chunks - 1)
        {
            return null;
        }

        if (schedule.IsBoundary(action.Chunk))
        {
            return Receive((2 * action.Chunk) + 1, action, "gradient");
        }

        _ = _gradients.Remove((action.Chunk + 1, action.MicroBatch), out var gradient);
        return gradient;
    }

    private Tensor Receive(int channel, PipelineAction action, string what)
    {
        var messages = _receives[channel];
        Await($"the {what} for {action}", () =>
        {
            Progress();
            return messages.HasCome();
        });
        return messages.Take();
    }

    private void Reduce(PipelineChunk chunk)
    {
        if (_replicas is not null && chunk.Model is { } model)
        {
            // The gradients stay in place while the model lives.
            fixed (float* gradients = model.Gradients)
            {
                _reductions.Add(_replicas.Start(CollectiveCall.AllReduce(gradients, gradients, model.Gradients.Length, ElementType.F32, ReduceOp.Avg)));
            }
        }
    }

    private void Update(FlatOptimizer optimizer, double learningRate, double? maxNorm)
    {
        foreach (var reduction in _reductions)
        {
            reduction.Wait();
        }

        _reductions.Clear();
        var factor = maxNorm is { } limit && Norm() is var norm && norm > limit ? limit / (norm + 1e-6) : 1;
        var offset = 0;
        foreach (var model in _chunks.Values.Select(c => c.Model).OfType<Replication.FlatModel>())
        {
            if (factor != 1)
            {
                fixed (float* gradients = model.Gradients)
                {
                    HostKernels.Scale(ElementType.F32, gradients, model.Gradients.Length, factor);
                }
            }

            optimizer.StepPart(model.Values, model.Gradients, offset, learningRate);
            offset += model.Values.Length;
        }

        optimizer.EndStep();
    }

    /// <summary>The norm over all stages: each adds up squares in f64, and all add the sums in the order of stages.</summary>
    private double Norm()
    {
        var mine = 0.0;
        foreach (var model in _chunks.Values.Select(c => c.Model).OfType<Replication.FlatModel>())
        {
            fixed (float* gradients = model.Gradients)
            {
                mine += HostKernels.SumOfSquares(gradients, model.Gradients.Length);
            }
        }

        var all = new double[Ranks.Size];
        Ranks.AllGather<double>([mine], all);
        GradientNorm = Math.Sqrt(all.Sum());
        return GradientNorm.Value;
    }

    private bool Progress()
    {
        foreach (var reduction in _reductions)
        {
            reduction.Test();
        }

        var isIdle = true;
        foreach (var messages in _sends.Values)
        {
            isIdle &= messages.Progress();
        }

        return isIdle;
    }

    private void Await(string what, Func<bool> isDone)
    {
        if (isDone())
        {
            return;
        }

        var began = Stopwatch.GetTimestamp();
        var spin = default(SpinWait);
        while (!isDone())
        {
            if (Stopwatch.GetElapsedTime(began) > _options.StallTimeout)
            {
                throw new TrainingException(
                    $"stage {_grid.Stage} of replica {_grid.Replica} has waited {_options.StallTimeout.TotalSeconds:0} s for {what}: another rank has stopped, or is slower than {CommunicatorOptions.StallTimeoutVariable} allows.");
            }

            // Where ranks share cores, the one that is waited for may need this one's.
            spin.SpinOnce(_sharesCores ? 20 : -1);
        }
    }

    private void MakeMessages(int chunk, long[][] shapes, MessageBuffers buffers)
    {
        const int SendBuffers = 2;
        if (_schedule.IsBoundary(chunk - 1))
        {
            var (peer, channel) = (_schedule.Placement[chunk - 1], 2 * (chunk - 1));
            _receives[channel] = new(Ranks, peer, channel, shapes[chunk - 1], _options.Wire, Math.Max(1, buffers.Activations));
            _sends[channel + 1] = new(Ranks, peer, channel + 1, shapes[chunk - 1], _options.Wire, SendBuffers);
        }

        if (_schedule.IsBoundary(chunk))
        {
            var (peer, channel) = (_schedule.Placement[chunk + 1], 2 * chunk);
            _sends[channel] = new(Ranks, peer, channel, shapes[chunk], _options.Wire, SendBuffers);
            _receives[channel + 1] = new(Ranks, peer, channel + 1, shapes[chunk], _options.Wire, Math.Max(1, buffers.Gradients));
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new TrainingException($"{otherwise}.");
        }
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using HpcTrain.CommandLine;
using HpcTrain.Data;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Training.Checkpoints;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Replication;
using static TorchSharp.torch;

namespace HpcTrain.Training;

/// <summary>
/// The training loop of one rank: batch, forward, backward, optimizer, with what the ranks exchange as <see cref="ITrainingParallelism"/> has it; metrics every few
/// steps; evaluation and a checkpoint at the end of each epoch. Every rank takes the same number of steps, and the ranks meet where they compare notes.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly TrainingOptions _options;
    private readonly Intracommunicator _world;
    private readonly ITrainingParallelism _replicas;
    private readonly RankSpeeds _speeds;
    private readonly Evaluator? _evaluator;
    private readonly RunRecorder _recorder;
    private readonly CheckpointStore _checkpoints;
    private readonly BatchTensors _inputs;
    private readonly BatchTensors _targets;
    private readonly StepClock _clock = new();
    private readonly StepTimeline? _timeline;
    private readonly Throughput _throughput;
    private readonly IntervalTotals _interval = new();
    private Loader _loader;
    private double[] _shares;
    private long _savedAt = -1;
    private bool _fits;

    public Trainer(
        TrainingPlan plan, TrainingOptions options, Intracommunicator world, ITrainingParallelism replicas,
        RunRecorder recorder, CheckpointStore checkpoints, CheckpointState? resume, StepTimeline? timeline)
    {
        (_plan, _options, _world, _replicas, _recorder, _checkpoints, _timeline) = (plan, options, world, replicas, recorder, checkpoints, timeline);
        _speeds = new RankSpeeds(world, Environment.MachineName);
        _shares = [.. Enumerable.Repeat(1.0 / world.Size, world.Size)];
        _loader = new Loader(plan.Training, LoaderOptions(shuffle: true), resume?.Data);
        _evaluator = plan.Test is null || options.NoEvaluation
            ? null
            : new Evaluator(plan, world, new Loader(plan.Test, LoaderOptions(shuffle: false)));
        _inputs = new BatchTensors(plan.Input.Field);
        _targets = new BatchTensors(plan.Target.Field);
        Step = resume?.Step ?? 0;
        _throughput = new Throughput(options.WarmupSteps);
    }

    /// <summary>Optimizer steps since the start of the run.</summary>
    public long Step { get; private set; }

    /// <summary>Epochs done, with the fraction of the current one.</summary>
    public double Epoch => _loader.State.Epoch + ((double)_loader.State.Position / _plan.Training.Count);

    /// <summary>Steps that the run will have had at its end.</summary>
    public long PlannedSteps
    {
        get
        {
            var left = (long)Math.Ceiling(((_options.Epochs - _loader.State.Epoch) * (double)_plan.Training.Count - _loader.State.Position) / GlobalBatch);
            return Math.Min(Step + Math.Max(0, left), _options.Steps ?? long.MaxValue);
        }
    }

    /// <summary>Samples per step over all ranks.</summary>
    public long GlobalBatch => (long)_options.Batch * _world.Size * _options.Accumulate;

    /// <summary>Trains until the planned epochs or steps are done.</summary>
    /// <returns>What the summary tells of training.</returns>
    public TrainingOutcome Run()
    {
        if (Step >= (_options.Steps ?? long.MaxValue) || _loader.State.Epoch >= _options.Epochs)
        {
            throw new JobException(
                string.Create(CultureInfo.InvariantCulture, $"the run has its {Step} steps and {Epoch:0.##} epochs already: give more with --steps or --epochs to go on."),
                ExitCodes.Usage);
        }

        var evaluated = default(Evaluation);
        var loss = double.NaN;
        while (Step < (_options.Steps ?? long.MaxValue) && _loader.State.Epoch < _options.Epochs)
        {
            _clock.Enter(Phase.Data);
            _timeline?.Enter("data");
            var batch = _loader.Next();
            _clock.Enter(Phase.Compute);
            if (batch is not null)
            {
                TakeStep(batch);
                if (Step % _options.LogEvery == 0)
                {
                    loss = LogInterval();
                }

                if (_options.CheckpointEvery is > 0 and var every && Step % every == 0)
                {
                    Aside(Save);
                }
            }
            else
            {
                loss = _interval.Steps > 0 ? LogInterval() : loss;
                Aside(() => evaluated = EndEpoch());
                if (_options.Balance)
                {
                    Aside(Balance);
                }
            }
        }

        loss = _interval.Steps > 0 ? LogInterval() : loss;
        Aside(() =>
        {
            if (_savedAt != Step)
            {
                evaluated = EndEpoch();
            }

            _replicas.SynchronizeState();
            _replicas.CheckEqual();
        });
        return Outcome(loss, evaluated);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inputs.Dispose();
        _targets.Dispose();
        _evaluator?.Dispose();
        _loader.Dispose();
    }

    private LoaderOptions LoaderOptions(bool shuffle) => new()
    {
        BatchSize = _options.Batch,
        Seed = (ulong)_options.Seed,
        Rank = _world.Rank,
        Ranks = _world.Size,
        Shuffle = shuffle,
        CacheBytes = (long)_options.CacheMebibytes << 20,
        Fields = [_plan.Input.Field, _plan.Target.Field],
        Transforms = [_plan.Input, _plan.Target],
    };

    /// <summary>Divides the batches of the next epoch by the speeds that the ranks had in this one.</summary>
    private void Balance()
    {
        var shares = _speeds.Balance(_shares);
        if (shares == _shares)
        {
            return;
        }

        _shares = shares;
        _recorder.Log($"shares of each batch: {string.Join(", ", shares.Select((share, rank) => string.Create(CultureInfo.InvariantCulture, $"rank {rank} {100 * share:F1} %")))}");
        var state = _loader.State;
        _inputs.Dispose();
        _targets.Dispose();
        _loader.Dispose();
        _loader = new Loader(_plan.Training, LoaderOptions(shuffle: true) with { Shares = shares }, state);
    }

    private void TakeStep(Batch batch)
    {
        var learningRate = _plan.LearningRate.At(batch.Epoch + ((double)batch.Position / _plan.Training.Count), GlobalBatch);
        // A step ends with the epoch: the last one may have fewer samples, and fewer micro-batches.
        var samples = (int)Math.Min(GlobalBatch, _plan.Training.Count - batch.Position);
        for (var seen = batch.GlobalCount; ; seen += batch.GlobalCount)
        {
            Pass(batch, samples, last: seen >= samples);
            if (seen >= samples)
            {
                break;
            }

            _clock.Enter(Phase.Data);
            _timeline?.Enter("data");
            batch = _loader.Next() ?? throw new InvalidOperationException($"the epoch ended after {seen} of a step's {samples} samples");
            _clock.Enter(Phase.Compute);
        }

        _clock.Enter(Phase.Communication);
        _timeline?.Enter("communication");
        _replicas.FinishBackward(_options.ClipNorm);
        _clock.Enter(Phase.Compute);
        _timeline?.Enter("optimizer");
        var before = _replicas.PublishTicks;
        var isTaken = _replicas.Step(_plan.Optimizer, learningRate, _options.ClipNorm);
        _clock.Move(_replicas.PublishTicks - before, Phase.Compute, Phase.Communication);
        if (_replicas.Exchange is { } exchange)
        {
            _clock.Enter(Phase.Communication);
            _timeline?.Enter(exchange);
            _replicas.Publish();
            _clock.Enter(Phase.Compute);
        }

        Step++;
        if (!isTaken)
        {
            _recorder.Log(string.Create(CultureInfo.InvariantCulture, $"step {Step} left out: gradients are not finite; the loss scale is now {_replicas.LossScaling!.Scale}"));
        }

        _timeline?.EndStep(Step);
        _interval.Stepped(learningRate);
        _throughput.Count(samples);
    }

    /// <summary>Forward and backward of a micro-batch.</summary>
    private void Pass(Batch batch, int samplesOfStep, bool last)
    {
        if (_fits)
        {
            ForwardBackward(batch, samplesOfStep, last);
        }
        else
        {
            // The first batch shows whether model and data fit together; if not, all ranks leave with one sentence.
            Agreement.Run(_world, () => FirstForwardBackward(batch, samplesOfStep, last));
            _fits = true;
        }
    }

    private void FirstForwardBackward(Batch batch, int samplesOfStep, bool last)
    {
        try
        {
            ForwardBackward(batch, samplesOfStep, last);
        }
        catch (ExternalException e)
        {
            throw new TrainingException(
                $"the model does not take the data of {_plan.Training.Folder} ({Describe(batch, _plan.Input)}, {Describe(batch, _plan.Target)}): "
                + $"{e.Message.Split('\n')[0].TrimEnd('.')}; give data of the shape that the model was made for.", e);
        }
    }

    private static string Describe(Batch batch, FieldTransform field)
        => $"{field.Field} {batch.Type(field.Field).Name()} [{string.Join(", ", batch.Shape(field.Field).ToArray())}]";

    private void ForwardBackward(Batch batch, int samplesOfStep, bool last)
    {
        if (batch.Count == 0)
        {
            _replicas.WithoutSamples();
            return;
        }

        _timeline?.Enter("forward");
        using var scope = NewDisposeScope();
        var target = _targets.Wrap(batch);
        var output = _plan.Model.call(_inputs.Wrap(batch));
        var loss = _plan.Loss(output, target);
        _timeline?.Enter("backward");
        _replicas.Backward(loss, batch.Count, samplesOfStep, last);
        _interval.Add(loss.item<float>(), batch.Count, _plan.CountCorrect?.Invoke(output.detach(), target));
    }

    /// <summary>Work that is nobody's step: it counts neither as compute time nor against images per second.</summary>
    private void Aside(Action work)
    {
        _throughput.Pause();
        _timeline?.Enter("evaluation and checkpoint");
        work();
        _timeline?.EndAside();
        _throughput.Resume();
        _clock.Skip();
    }

    private Evaluation EndEpoch()
    {
        var evaluation = default(Evaluation);
        if (_evaluator is not null)
        {
            _replicas.SynchronizeState();
            evaluation = _evaluator.Run();
            _recorder.Evaluated(Step, Epoch, evaluation);
        }

        if (_options.CheckpointEvery != 0)
        {
            Save();
        }

        _savedAt = Step;
        return evaluation;
    }

    private void Save()
    {
        _replicas.SynchronizeState();
        var mine = ModelCheckpoint.RandomState();
        var all = new byte[mine.Length * _world.Size];
        _world.AllGather<byte>(mine, all);
        var optimizer = _replicas.GatherState(_plan.Optimizer);
        Agreement.Run(_world, () =>
        {
            if (_world.Rank == 0)
            {
                _checkpoints.Begin(Step);
            }
        });
        var files = ModelCheckpoint.FilesOfRank(_replicas.Compression, _world.Rank);
        if (_world.Rank == 0)
        {
            files = [.. ModelCheckpoint.Files(_replicas.Model, optimizer, State(), [.. all.Chunk(mine.Length)]), .. files];
        }

        try
        {
            var written = CheckpointFile.GatherAll(_world, Agreement.Run(_world, () => _checkpoints.Write(Step, files)));
            _recorder.Saved(Agreement.Run(_world, () => _world.Rank == 0 ? _checkpoints.Commit(Step, written) : null));
        }
        catch (JobException) when (_world.Rank == 0)
        {
            _checkpoints.GiveUp(Step);
            throw;
        }
    }

    private CheckpointState State() => new()
    {
        Job = _recorder.Job,
        Step = Step,
        Ranks = _world.Size,
        Data = _loader.State,
        Dataset = _plan.Training.Fingerprint,
        Optimizer = _plan.Optimizer.Name,
        OptimizerSteps = _plan.Optimizer.Steps,
        Compression = _replicas.Compression?.Name,
        CompressionSteps = _replicas.Compression?.Steps ?? 0,
        LossScale = _replicas.LossScaling?.Scale,
        StepsAtLossScale = _replicas.LossScaling?.StepsAtScale ?? 0,
    };

    private double LogInterval()
    {
        _clock.Enter(Phase.Communication);
        _replicas.Settle();
        var totals = _interval.Reduce(_world, _clock, _plan.CountCorrect is not null);
        if (!double.IsFinite(totals.Loss))
        {
            throw new JobException(
                string.Create(CultureInfo.InvariantCulture, $"the loss is {totals.Loss} at step {Step}: training has diverged; try a smaller --learning-rate or a longer --warmup-epochs."),
                ExitCodes.Usage); // the totals are the same on every rank, so all leave together
        }

        _recorder.Trained(Step, PlannedSteps, Epoch, _options.Epochs, totals);
        if (_speeds.Add(_interval.Samples, _clock.Seconds(Phase.Compute)) is { } straggler)
        {
            _recorder.Warn(straggler);
        }

        _interval.Reset();
        _clock.Reset();
        return totals.Loss;
    }

    private TrainingOutcome Outcome(double loss, Evaluation evaluation)
    {
        Span<double> worst = [_interval.AllData, _interval.AllCommunication, PeakResidentBytes(), _interval.AllSeconds];
        _world.AllReduce(worst, MpiOp.Max);
        var total = Math.Max(worst[3], double.Epsilon);
        return new TrainingOutcome(
            loss, evaluation, _throughput.SamplesPerSecond, 100 * worst[0] / total, 100 * worst[1] / total, (long)worst[2], _speeds.Slowest.Rank, _speeds.Slowest.Times);
    }

    private static double PeakResidentBytes()
    {
        const string Key = "VmHWM:";
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal));
        return line is null ? 0 : 1024 * double.Parse(line[Key.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}

/// <summary>What training came to, the same on every rank.</summary>
internal sealed record TrainingOutcome(
    double Loss, Evaluation Evaluation, double SamplesPerSecond, double DataStallPercent, double CommunicationPercent, long PeakResidentBytes, int SlowestRank, double SlowestTimes);

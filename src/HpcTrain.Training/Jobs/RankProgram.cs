using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Data;
using HpcTrain.Mpi;
using HpcTrain.Runs;
using HpcTrain.Training.Checkpoints;
using HpcTrain.Training.Replication;
using static TorchSharp.torch;

namespace HpcTrain.Training.Jobs;

/// <summary>A job on one rank, from MPI's start to its end.</summary>
internal sealed class RankProgram<TOptions>(string name, string[] arguments, TOptions options, Func<JobContext, TOptions, TrainingPlan> makePlan)
    where TOptions : TrainingOptions
{
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private RunRecorder? _recorder;

    /// <summary>Runs the job; every way out has an exit code and, if it is not 0, a sentence on standard error.</summary>
    public int Run()
    {
        using var mpi = MpiEnvironment.Initialize(ThreadLevel.Serialized);
        try
        {
            Train(mpi);
            return ExitCodes.Ok;
        }
        catch (JobException failure)
        {
            _recorder?.Failed(failure.Message, tellStatus: mpi.World.Rank == 0);
            if (mpi.World.Rank == 0)
            {
                Console.Error.WriteLine($"{name}: {failure.Message}");
            }

            return failure.ExitCode;
        }
        catch (Exception e) when (EndAll(mpi, e))
        {
            return JobErrors.ExitCode(e);
        }
        finally
        {
            _recorder?.Dispose();
        }
    }

    /// <summary>
    /// The other ranks do not know of the error and may wait for this one for ever: ends them all. Called as a filter, which
    /// runs before anything is disposed of; disposing of communicators would itself wait for the others.
    /// </summary>
    private bool EndAll(MpiEnvironment mpi, Exception e)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"rank {mpi.World.Rank} on {Environment.MachineName}: {JobErrors.Describe(e)}");
        _recorder?.Failed(message, tellStatus: true);
        Console.Error.WriteLine($"{name}: {message}");
        mpi.Abort(JobErrors.ExitCode(e));
        return true;
    }

    private void Train(MpiEnvironment mpi)
    {
        var world = mpi.World;
        Agreement.Run(world, () => CheckRanks(world.Size));
        set_num_threads(options.Threads ?? RankCores.Count(mpi.Launch.LocalSize));
        random.manual_seed(options.Seed);
        var plan = Agreement.Run(world, () => makePlan(new JobContext(world.Rank, world.Size, DataFolder()), options));
        CheckSameData(world, plan);
        if (!options.NoVerification)
        {
            Agreement.Run(world, () => VerifyPart(plan, world));
        }

        using var replicas = Replicate(plan, world);
        replicas.Prepare(plan.Optimizer);

        // From here on the ranks' random numbers differ: dropout must not drop the same units everywhere.
        random.manual_seed(options.Seed + ((long)(world.Rank + 1) << 32));
        var folder = OpenRunFolder(world);
        var attempt = RecordStart(mpi, folder);
        _recorder = Agreement.Run(world, () => new RunRecorder(name, folder, world.Rank, attempt, plan.SampleNoun));
        var store = new CheckpointStore(folder.Checkpoints, options.Keep);
        var state = options.Resume is null ? null : Restore(world, store, plan, replicas);
        using var timeline = options.Timeline ? StepTimeline.Begin(world, folder, attempt, replicas) : null;
        using var trainer = Agreement.Run(world, () => new Trainer(plan, options, world, replicas, _recorder, store, state, timeline));
        Announce(mpi, folder, plan, replicas, trainer);
        var outcome = trainer.Run();
        timeline?.End(_recorder);
        var afterwards = Agreement.Run(world, () => world.Rank == 0 ? plan.AfterTraining?.Invoke(folder) : null);
        Finish(mpi, folder, plan, replicas, trainer, attempt, outcome, afterwards);
    }

    private void CheckRanks(int size)
    {
        if (options.Ranks is { } asked && asked != size && options.Resume is null)
        {
            throw new TrainingException(
                $"--ranks is {asked}, but the launcher started {size}: leave --ranks out under mpirun or srun, or make them agree.");
        }
    }

    private string DataFolder()
        => options.Data ?? Path.Combine(Environment.GetEnvironmentVariable(TrainingVariables.Data) ?? "data", name);

    private static void CheckSameData(Intracommunicator world, TrainingPlan plan)
    {
        var mine = SHA256.HashData(Encoding.UTF8.GetBytes(plan.Training.Fingerprint + plan.Test?.Fingerprint));
        var all = new byte[mine.Length * world.Size];
        world.AllGather<byte>(mine, all);
        var other = Enumerable.Range(0, world.Size).FirstOrDefault(rank => !all.AsSpan(rank * mine.Length, mine.Length).SequenceEqual(all.AsSpan(0, mine.Length)));
        if (other != 0)
        {
            throw new JobException(
                $"rank {other} sees another dataset at {plan.Training.Folder} than rank 0: put the data on a file system that all nodes share, or copy the same import to each.",
                ExitCodes.BadData);
        }
    }

    /// <summary>Each rank checks every n-th shard: a flipped bit must not become a slightly worse model.</summary>
    private static void VerifyPart(TrainingPlan plan, Intracommunicator world)
    {
        foreach (var dataset in new[] { plan.Training, plan.Test }.OfType<ShardedDataset>())
        {
            for (var shard = world.Rank; shard < dataset.Manifest.Shards.Count; shard += world.Size)
            {
                dataset.Verify(shard);
            }
        }
    }

    private ITrainingParallelism Replicate(TrainingPlan plan, Intracommunicator world)
    {
        try
        {
            return ParallelText.Parse(options.Parallel).Make(plan.Model, world, options);
        }
        catch (TrainingException e)
        {
            throw new JobException(e.Message, JobErrors.ExitCode(e)); // found by comparing: every rank throws it
        }
    }

    private RunFolder OpenRunFolder(Intracommunicator world)
    {
        RunFolder OnRankZero()
        {
            if (options.Resume is not null)
            {
                return RunFolder.Open(options.Resume);
            }

            var root = options.Runs ?? Environment.GetEnvironmentVariable(TrainingVariables.Runs) ?? "runs";
            return options.RunDirectory is { } exactly ? RunFolder.CreateAt(exactly) : RunFolder.Create(root, name);
        }

        var folder = Agreement.Run(world, () => world.Rank == 0 ? OnRankZero() : null);
        var path = new byte[4096]; // PATH_MAX
        if (folder is not null)
        {
            Encoding.UTF8.GetBytes(folder.Path, path);
        }

        world.Broadcast<byte>(path, 0);
        return Agreement.Run(world, () => folder ?? RunFolder.OpenOnOtherRank(Encoding.UTF8.GetString(path).TrimEnd('\0'), world.Rank));
    }

    /// <summary>Writes config.json (first attempt) and this attempt's environment; returns the attempt's number.</summary>
    private int RecordStart(MpiEnvironment mpi, RunFolder folder)
    {
        var environment = RunEnvironment.Collect(mpi);
        return Agreement.Run(mpi.World, () =>
        {
            var attempt = 1 + Directory.EnumerateFiles(folder.Path, "environment*.json").Count();
            if (mpi.World.Rank != 0)
            {
                return 0;
            }

            if (attempt == 1)
            {
                folder.WriteOnce("config", JsonSerializer.SerializeToUtf8Bytes(Configuration(mpi.World.Size), TrainingJson.Default.RunConfiguration));
            }

            folder.WriteOnce(
                attempt == 1 ? "environment" : string.Create(CultureInfo.InvariantCulture, $"environment-{attempt}"),
                JsonSerializer.SerializeToUtf8Bytes(environment, TrainingJson.Default.RunEnvironment));
            return attempt;
        });
    }

    private RunConfiguration Configuration(int ranks) => new()
    {
        Job = name,
        Arguments = ArgumentList.Merge(
            ArgumentList.Without(arguments, "run-dir", typeof(TOptions)),
            ["--ranks", ranks.ToString(CultureInfo.InvariantCulture), "--data", Path.GetFullPath(DataFolder())],
            typeof(TOptions)),
        Options = typeof(TOptions).GetProperties()
            .Select(p => (Option: p.GetCustomAttribute<OptionAttribute>()?.LongName, Value: p.GetValue(options)))
            .Where(o => o.Option is not null)
            .ToDictionary(o => o.Option!, o => Convert.ToString(o.Value, CultureInfo.InvariantCulture)),
        Ranks = ranks,
        Started = DateTime.UtcNow,
    };

    private CheckpointState? Restore(Intracommunicator world, CheckpointStore store, TrainingPlan plan, ITrainingParallelism replicas)
    {
        var chosen = new byte[4096];
        Agreement.Run(world, () =>
        {
            if (world.Rank == 0)
            {
                var found = store.NewestWhole(_recorder!.Say);
                if (found is null && store.Newest().Count > 0)
                {
                    throw new CheckpointException(
                        $"every checkpoint of {options.Resume} is damaged: start the run anew, or restore its checkpoints folder from a backup.");
                }

                Encoding.UTF8.GetBytes(found ?? "", chosen);
            }
        });
        world.Broadcast<byte>(chosen, 0);
        var checkpoint = Encoding.UTF8.GetString(chosen).TrimEnd('\0');
        if (checkpoint.Length == 0)
        {
            _recorder!.Say($"{options.Resume} has no checkpoint yet: starting from the beginning");
            return null;
        }

        return Agreement.Run(world, () =>
        {
            var state = ModelCheckpoint.ReadState(checkpoint);
            if (state.Dataset != plan.Training.Fingerprint)
            {
                throw new CheckpointException($"the checkpoint {checkpoint} was trained on other data than {plan.Training.Folder}: give the same data with --data.");
            }

            if (state.Data.Seed != (ulong)options.Seed)
            {
                throw new TrainingException(string.Create(CultureInfo.InvariantCulture,
                    $"--seed is {options.Seed}, but the run was started with {state.Data.Seed} and its sample order follows from that: leave --seed out."));
            }

            if (state.Ranks != world.Size)
            {
                _recorder!.Say(string.Create(CultureInfo.InvariantCulture,
                    $"the checkpoint was written by {state.Ranks} ranks, this attempt has {world.Size}: the global batch changes, and the bits with it"));
            }

            if (!ModelCheckpoint.Restore(checkpoint, state, replicas, plan.Optimizer, world.Rank))
            {
                _recorder!.Log($"the checkpoint was written by {state.Ranks} ranks and has no random state for rank {world.Rank}: seeding it anew");
            }

            if (!ModelCheckpoint.RestoreCompression(checkpoint, state, replicas.Compression, world.Rank, world.Size))
            {
                _recorder!.Say($"what compression ({state.Compression ?? "none"}) had kept back is not used: ranks, --compress or --bucket-size have changed, and the bits with them");
            }

            _recorder!.Say(string.Create(CultureInfo.InvariantCulture, $"resumed from {checkpoint} at step {state.Step}"));
            return state;
        });
    }

    private void Announce(MpiEnvironment mpi, RunFolder folder, TrainingPlan plan, ITrainingParallelism replicas, Trainer trainer)
    {
        _recorder!.Say(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {plan.Model.GetName()} with {replicas.Model.ParameterCount:N0} parameters, {plan.Training.Count:N0} samples, global batch {trainer.GlobalBatch}, "
            + $"{mpi.World.Size} {(mpi.World.Size == 1 ? "rank" : "ranks")} x {get_num_threads()} {(get_num_threads() == 1 ? "thread" : "threads")}, {RunEnvironment.MpiName(mpi)}"));
        _recorder.Say($"run folder {folder.Path}");
        _recorder.Log($"parameters: {replicas.Division}; gradients: {(replicas.CompressionName is "none" ? "f32" : replicas.CompressionName)} in {replicas.Model.Layout.Buckets.Count} buckets, "
            + $"{(replicas.Overlaps ? "while backward goes on" : "after backward")}");
        _recorder.Log($"process {Environment.ProcessId} on {mpi.ProcessorName}, {mpi.LibraryPath}");
    }

    private void Finish(
        MpiEnvironment mpi, RunFolder folder, TrainingPlan plan, ITrainingParallelism replicas, Trainer trainer, int attempt, TrainingOutcome outcome, string? afterwards)
    {
        var summary = new RunSummary
        {
            Job = name,
            TestAccuracy = outcome.Evaluation.Accuracy,
            TestLoss = outcome.Evaluation == default ? null : outcome.Evaluation.Loss,
            TrainLoss = outcome.Loss,
            ImagesPerSecond = outcome.SamplesPerSecond,
            Ranks = mpi.World.Size,
            Algorithm = replicas.Algorithm ?? "none",
            Division = replicas.Division,
            Overlap = replicas.Overlaps,
            Compression = replicas.CompressionName,
            GradientBytesSent = replicas.SentBytes,
            Mpi = RunEnvironment.MpiName(mpi),
            Seconds = _elapsed.Elapsed.TotalSeconds,
            Steps = trainer.Step,
            Epochs = trainer.Epoch,
            Attempts = attempt,
            GlobalBatch = trainer.GlobalBatch,
            Parameters = replicas.Model.ParameterCount,
            DataStallPercent = outcome.DataStallPercent,
            CommunicationPercent = outcome.CommunicationPercent,
            SlowestRank = outcome.SlowestRank,
            SlowestTimes = outcome.SlowestTimes,
            PeakResidentBytes = outcome.PeakResidentBytes,
            ParametersDigest = Convert.ToHexStringLower(replicas.Model.Digest()),
        };
        if (replicas.Report is { } report)
        {
            _recorder!.Log(report);
        }

        Agreement.Run(mpi.World, () => _recorder!.Finished(summary));
        if (mpi.World.Rank != 0)
        {
            return;
        }

        if (afterwards is not null)
        {
            Console.WriteLine(afterwards);
        }

        if (summary.TestAccuracy is { } accuracy)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"test accuracy      {accuracy:F2} %"));
        }
        else if (summary.TestLoss is { } loss)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"test loss          {loss:F4}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.SampleNoun + " per second",-18} {summary.ImagesPerSecond:N0}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"of training time   {summary.CommunicationPercent:F1} % exposed to communication, {summary.DataStallPercent:F1} % waiting for data{Straggler(summary)}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"wall time          {summary.Seconds:F1} s"));
        Console.WriteLine($"run folder         {folder.Path}");
    }

    private static string Straggler(RunSummary summary) => summary.Ranks > 1 && summary.SlowestTimes > 1.1
        ? string.Create(CultureInfo.InvariantCulture, $"; rank {summary.SlowestRank} took {summary.SlowestTimes:F1} times the median's time")
        : "";
}

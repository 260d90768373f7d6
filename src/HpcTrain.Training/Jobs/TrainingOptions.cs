using System.Globalization;
using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Reduction;
using HpcTrain.Training.Replication;
using HpcTrain.Training.Schedules;
using CollectiveOptions = HpcTrain.Collectives.CollectiveOptions;

namespace HpcTrain.Training.Jobs;

/// <summary>
/// The options that every training job understands. A job derives from this class, adds its own, and overrides those that it wants
/// another default of.
/// </summary>
public class TrainingOptions : CommandOptions
{
    /// <summary>MPI ranks to start; null: one per core. Under mpirun or srun it must agree with them, or be left out.</summary>
    [Option("ranks", MetaValue = "N", HelpText = "MPI ranks to start on this machine (default: one per core). Under mpirun or srun the launcher decides.")]
    public int? Ranks { get; set; }

    /// <summary>Which MPI to start the ranks with, or null for what is installed.</summary>
    [Option("mpi", MetaValue = "FLAVOR", HelpText = "openmpi or mpich, when the job starts its own ranks (default: Open MPI if it is installed).")]
    public string? Mpi { get; set; }

    /// <summary>Folder of the dataset.</summary>
    [Option("data", MetaValue = "FOLDER", HelpText = "Folder of the dataset, as made by 'hpctrain data import' (default: the job's name under $HPCTRAIN_DATA, or under data/).")]
    public string? Data { get; set; }

    /// <summary>Leave out the check of the data's checksums.</summary>
    [Option("no-verify", HelpText = "Do not check the data's checksums first (the ranks share that work; it reads every file once).")]
    public bool NoVerification { get; set; }

    /// <summary>Passes over the training data.</summary>
    [Option("epochs", MetaValue = "N", Default = 3, HelpText = "Passes over the training data.")]
    public int Epochs { get; set; }

    /// <summary>Stop after this many optimizer steps, whatever the epochs; null: no limit.</summary>
    [Option("steps", MetaValue = "N", HelpText = "Stop after this many optimizer steps (default: no limit but --epochs).")]
    public long? Steps { get; set; }

    /// <summary>Samples per rank and step.</summary>
    [Option("batch", MetaValue = "N", Default = 64, HelpText = "Samples per rank and step; the global batch is this times the ranks (times --accumulate).")]
    public virtual int Batch { get; set; }

    /// <summary>Micro-batches per step.</summary>
    [Option("accumulate", MetaValue = "N", Default = 1, HelpText = "Batches of each rank whose gradients are added up before a step; the global batch is as many times larger.")]
    public virtual int Accumulate { get; set; }

    /// <summary>Learning rate for the reference batch of 64 samples.</summary>
    [Option("learning-rate", MetaValue = "X", Default = 0.015, HelpText = "Learning rate for a global batch of --reference-batch samples; scaled linearly for others.")]
    public virtual double LearningRate { get; set; }

    /// <summary>The global batch that the learning rate was chosen for.</summary>
    [Option("reference-batch", MetaValue = "N", Default = 64, HelpText = "The global batch that --learning-rate is meant for.")]
    public virtual int ReferenceBatch { get; set; }

    /// <summary>Epochs over which a scaled-up learning rate is reached.</summary>
    [Option("warmup-epochs", MetaValue = "X", Default = 0.5, HelpText = "Epochs over which a scaled-up learning rate is reached.")]
    public double WarmupEpochs { get; set; }

    /// <summary>How the learning rate falls.</summary>
    [Option("schedule", MetaValue = "FORM", Default = "constant", HelpText = "How the learning rate falls after the warm-up: " + ScheduleText.Forms + " (FACTOR 0.1, POWER 1 if not given).")]
    public virtual string Schedule { get; set; } = "constant";

    /// <summary>The optimizer.</summary>
    [Option("optimizer", MetaValue = "NAME", Default = OptimizerKind.Sgd, HelpText = "sgd, nesterov, adam, adamw, or for large batches lars, lamb.")]
    public virtual OptimizerKind Optimizer { get; set; }

    /// <summary>How much of the first moment Adam keeps.</summary>
    [Option("beta1", MetaValue = "X", Default = 0.9, HelpText = "How much of the first moment Adam, AdamW and LAMB keep.")]
    public double Beta1 { get; set; }

    /// <summary>How much of the second moment Adam keeps.</summary>
    [Option("beta2", MetaValue = "X", Default = 0.999, HelpText = "How much of the second moment Adam, AdamW and LAMB keep.")]
    public double Beta2 { get; set; }

    /// <summary>What Adam adds to the root of the second moment.</summary>
    [Option("epsilon", MetaValue = "X", Default = 1e-8, HelpText = "What Adam, AdamW and LAMB add to the root of the second moment.")]
    public double Epsilon { get; set; }

    /// <summary>Momentum of SGD.</summary>
    [Option("momentum", MetaValue = "X", Default = 0.9, HelpText = "Momentum of SGD, Nesterov's too, and of LARS.")]
    public double Momentum { get; set; }

    /// <summary>LARS's trust coefficient.</summary>
    [Option("trust", MetaValue = "X", Default = 0.001, HelpText = "LARS: how large the update of a layer may be compared with the layer, at a rate of 1.")]
    public double Trust { get; set; }

    /// <summary>Weight decay.</summary>
    [Option("weight-decay", MetaValue = "X", Default = 5e-4, HelpText = "Weight decay: L2; of AdamW and LAMB decoupled; of LARS and LAMB not of vectors.")]
    public virtual double WeightDecay { get; set; }

    /// <summary>The allreduce algorithm.</summary>
    [Option("algorithm", MetaValue = "NAME", Default = "auto", HelpText = "Allreduce algorithm: auto, ring, recursive-doubling, halving-doubling.")]
    public string Algorithm { get; set; } = "auto";

    /// <summary>How gradients travel.</summary>
    [Option("compress", MetaValue = "FORM", Default = "none", HelpText = ReductionText.Help)]
    public string Compress { get; set; } = "none";

    /// <summary>In what layers compute.</summary>
    [Option("precision", MetaValue = "TYPE", Default = ComputePrecision.F32, HelpText = "What linear layers and convolutions compute in: f32, bf16, or f16 where libtorch has it. Parameters and optimizer stay f32.")]
    public ComputePrecision Precision { get; set; }

    /// <summary>What losses are multiplied with.</summary>
    [Option("loss-scale", MetaValue = "FORM", HelpText = "What losses are multiplied with, and gradients divided by: none, dynamic, or a number (default: dynamic for f16, else none).")]
    public string? LossScale { get; set; }

    /// <summary>The largest norm of all gradients together; null: any.</summary>
    [Option("clip-norm", MetaValue = "X", HelpText = "Scale gradients down to this norm over all parameters (default: leave them).")]
    public virtual double? ClipNorm { get; set; }

    /// <summary>Who steps which parameters.</summary>
    [Option("shard-optimizer", MetaValue = "WHEN", Default = StepSharding.Auto, HelpText = "Divide the optimizer's step and state among the ranks: always (ZeRO-1), never, or auto: on one node, where parameters "
        + "are then held once.")]
    public StepSharding ShardOptimizer { get; set; }

    /// <summary>How ranks work together.</summary>
    [Option("parallel", MetaValue = "FORM", Default = "sync", HelpText = ParallelText.Help)]
    public virtual string Parallel { get; set; } = "sync";

    /// <summary>Whether gradients are summed while backward goes on.</summary>
    [Option("overlap", MetaValue = "WHEN", Default = Overlap.Auto, HelpText = "Sum gradients while backward goes on, on a thread of its own: on, off, or auto: on several nodes, and where a rank has a core for it.")]
    public Overlap Overlap { get; set; }

    /// <summary>The least MiB of a bucket.</summary>
    [Option("bucket-size", MetaValue = "MIB", Default = 4.0, HelpText = "MiB of gradients that are summed together; the first ones are a quarter MiB.")]
    public double BucketMebibytes { get; set; }

    /// <summary>Divide batches by the speeds of the ranks.</summary>
    [Option("balance", HelpText = "Divide each batch by the speeds that ranks had in the epoch before, so that a slow node does not set the pace. What is measured decides then, so two runs differ in their bits.")]
    public bool Balance { get; set; }

    /// <summary>What happens to buffers.</summary>
    [Option("buffers", MetaValue = "POLICY", Default = BufferPolicy.Broadcast, HelpText = "Batch norm's statistics and other buffers: broadcast or average (before evaluation and checkpoints), eachstep, local.")]
    public BufferPolicy Buffers { get; set; }

    /// <summary>Seed of parameters, sample order and dropout.</summary>
    [Option("seed", MetaValue = "N", Default = 1L, HelpText = "Seed of parameters, sample order and dropout.")]
    public long Seed { get; set; }

    /// <summary>Folder under which run folders are made.</summary>
    [Option("runs", MetaValue = "FOLDER", HelpText = "Where run folders are made (default: $HPCTRAIN_RUNS, or runs/).")]
    public string? Runs { get; set; }

    /// <summary>Exactly this run folder instead of a new one under <see cref="Runs"/>.</summary>
    [Option("run-dir", MetaValue = "FOLDER", HelpText = "Exactly this run folder instead of a new one under --runs; it must not exist yet.")]
    public string? RunDirectory { get; set; }

    /// <summary>A run folder to continue.</summary>
    [Option("resume", MetaValue = "FOLDER", HelpText = "Continue this run from its newest whole checkpoint; its options hold unless given again.")]
    public string? Resume { get; set; }

    /// <summary>Steps between checkpoints; null: one per epoch; 0: none.</summary>
    [Option("checkpoint-every", MetaValue = "STEPS", HelpText = "Steps between checkpoints (default: at each epoch's end; 0: never).")]
    public long? CheckpointEvery { get; set; }

    /// <summary>Checkpoints kept.</summary>
    [Option("keep", MetaValue = "K", Default = 3, HelpText = "Checkpoints to keep.")]
    public int Keep { get; set; }

    /// <summary>Steps between metrics lines.</summary>
    [Option("log-every", MetaValue = "STEPS", Default = 50, HelpText = "Steps between lines of metrics.jsonl.")]
    public int LogEvery { get; set; }

    /// <summary>Write a timeline.</summary>
    [Option("timeline", HelpText = "Write what each rank does when into timeline.json of the run folder: parts of steps and collectives, for https://ui.perfetto.dev.")]
    public bool Timeline { get; set; }

    /// <summary>Leave out evaluation.</summary>
    [Option("no-eval", HelpText = "Do not evaluate on the test data.")]
    public bool NoEvaluation { get; set; }

    /// <summary>Steps that do not count for samples per second.</summary>
    [Option("warmup-steps", MetaValue = "N", Default = 20, HelpText = "First steps that do not count for samples per second.")]
    public int WarmupSteps { get; set; }

    /// <summary>Compute threads per rank; null: cores divided by ranks on the node.</summary>
    [Option("threads", MetaValue = "N", HelpText = "Compute threads per rank (default: the node's cores divided among its ranks).")]
    public int? Threads { get; set; }

    /// <summary>Bytes of decoded samples that a rank may keep in memory.</summary>
    [Option("cache", MetaValue = "MIB", Default = 512, HelpText = "MiB of decoded samples that each rank may keep in memory.")]
    public int CacheMebibytes { get; set; }

    /// <summary>The optimizer that the options name.</summary>
    public FlatOptimizer MakeOptimizer() => Optimizer switch
    {
        OptimizerKind.Adam or OptimizerKind.AdamW => new Adam(Beta1, Beta2, Epsilon, WeightDecay, decoupled: Optimizer == OptimizerKind.AdamW),
        OptimizerKind.Lars => new Lars(Momentum, WeightDecay, Trust),
        OptimizerKind.Lamb => new Lamb(Beta1, Beta2, Epsilon, WeightDecay),
        _ => new Sgd(Momentum, WeightDecay, nesterov: Optimizer == OptimizerKind.Nesterov),
    };

    /// <summary>How the options say that replicas are kept equal.</summary>
    /// <exception cref="TrainingException">There is no such way to compress.</exception>
    public DataParallelOptions MakeReplication() => MakeReplicas() with
    {
        Reduction = ReductionText.Parse(Compress, Seed) is { } reduction and not PlainReduction ? reduction : null,
    };

    /// <summary>The same, without the way that gradients travel.</summary>
    internal DataParallelOptions MakeReplicas() => new()
    {
        Collectives = new CollectiveOptions { Algorithm = Algorithm },
        Sharding = ShardOptimizer,
        Overlap = Overlap switch { Overlap.On => true, Overlap.Off => false, _ => null },
        BucketBytes = (long)(BucketMebibytes * (1 << 20)),
        Buffers = Buffers,
        WatchesLayers = Timeline,
        Precision = Precision,
        LossScaling = MakeLossScaling(),
    };

    /// <summary>How the options say that losses are scaled; null for not.</summary>
    /// <exception cref="TrainingException">There is no such form.</exception>
    public LossScaling? MakeLossScaling() => LossScale switch
    {
        "none" => null,
        null => Precision == ComputePrecision.F16 ? new LossScaling() : null,
        "dynamic" => new LossScaling(),
        _ when double.TryParse(LossScale, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale) && scale > 0 && double.IsFinite(scale) => new LossScaling(scale, isDynamic: false),
        _ => throw new TrainingException($"--loss-scale is {LossScale}: it must be none, dynamic, or a positive number."),
    };

    /// <summary>The schedule that the options name: linear scaling with warm-up, and how the rate falls after it.</summary>
    /// <exception cref="TrainingException">There is no such form.</exception>
    public LearningRateSchedule MakeSchedule() => ScheduleText.Parse(Schedule, new LinearScaling(LearningRate, ReferenceBatch, WarmupEpochs), WarmupEpochs, Epochs);

    /// <summary>Checks values that need no other part of the job; the first wrong one is told.</summary>
    /// <exception cref="TrainingException">An option has a value that cannot be.</exception>
    public virtual void Validate()
    {
        Require(Ranks is null or >= 1, "--ranks", Ranks, "at least 1");
        Require(Epochs >= 1, "--epochs", Epochs, "at least 1");
        Require(Steps is null or >= 1, "--steps", Steps, "at least 1");
        Require(Batch >= 1, "--batch", Batch, "at least 1");
        Require(Accumulate >= 1, "--accumulate", Accumulate, "at least 1");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), "--learning-rate", LearningRate, "a positive number");
        Require(ReferenceBatch >= 1, "--reference-batch", ReferenceBatch, "at least 1");
        Require(WarmupEpochs >= 0, "--warmup-epochs", WarmupEpochs, "0 or more");
        Require(Momentum is >= 0 and < 1, "--momentum", Momentum, "at least 0 and below 1");
        Require(Optimizer != OptimizerKind.Nesterov || Momentum > 0, "--momentum", Momentum, "above 0 for --optimizer nesterov");
        Require(Trust > 0 && double.IsFinite(Trust), "--trust", Trust, "a positive number");
        Require(Beta1 is >= 0 and < 1, "--beta1", Beta1, "at least 0 and below 1");
        Require(Beta2 is >= 0 and < 1, "--beta2", Beta2, "at least 0 and below 1");
        Require(Epsilon >= 0 && double.IsFinite(Epsilon), "--epsilon", Epsilon, "0 or more");
        MakeSchedule();
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), "--weight-decay", WeightDecay, "0 or more");
        ParallelText.Parse(Parallel).Check(this);
        Require(ClipNorm is null || (ClipNorm > 0 && double.IsFinite(ClipNorm.Value)), "--clip-norm", ClipNorm, "a positive number");
        Require(BucketMebibytes > 0 && BucketMebibytes <= 8192, "--bucket-size", BucketMebibytes, "above 0 and at most 8192 MiB");
        Require(CheckpointEvery is null or >= 0, "--checkpoint-every", CheckpointEvery, "0 or more");
        Require(Keep >= 1, "--keep", Keep, "at least 1");
        Require(LogEvery >= 1, "--log-every", LogEvery, "at least 1");
        Require(WarmupSteps >= 0, "--warmup-steps", WarmupSteps, "0 or more");
        Require(Threads is null or >= 1, "--threads", Threads, "at least 1");
        Require(CacheMebibytes >= 1, "--cache", CacheMebibytes, "at least 1");
        if (Resume is not null && RunDirectory is not null)
        {
            throw new TrainingException("--resume continues an existing run folder and --run-dir makes a new one: give only one of them.");
        }
    }

    /// <summary>Throws the sentence for a wrong option value.</summary>
    protected static void Require(bool holds, string option, object? value, string expected)
    {
        if (!holds)
        {
            throw new TrainingException(FormattableString.Invariant($"{option} is {value}: it must be {expected}."));
        }
    }
}

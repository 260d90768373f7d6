using HpcTrain.Collectives;
using HpcTrain.Mpi;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Servers;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>A way of working together, as chosen by <see cref="ParallelText"/>.</summary>
/// <param name="Text">What it was chosen by.</param>
public abstract record ParallelChoice(string Text)
{
    /// <summary>Checks that other options go with it.</summary>
    /// <exception cref="TrainingException">One does not; it is named.</exception>
    public virtual void Check(TrainingOptions options)
    {
        Refuse(options.ShardOptimizer == StepSharding.Always, "--shard-optimizer always", "divides a step that all ranks take together");
        Refuse(options.Overlap == Overlap.On, "--overlap on", "sums gradients of all ranks during backward");
        Refuse(options.MakeLossScaling() is not null, $"--loss-scale {options.LossScale ?? "dynamic"} (as f16 needs it)", "lets all ranks leave out the same steps");
        Refuse(options.Buffers == BufferPolicy.EachStep, "--buffers eachstep", "lets all ranks meet in each step");
    }

    /// <summary>Makes the module's replicas equal and lets them work together in this way; a collective call.</summary>
    /// <exception cref="TrainingException">The ranks or the model do not allow it; all ranks get this.</exception>
    /// <exception cref="JobException">A rank's model cannot be trained here; all ranks get this.</exception>
    public abstract ITrainingParallelism Make(nn.Module module, Intracommunicator communicator, TrainingOptions options);

    private protected void Refuse(bool isGiven, string option, string does)
    {
        if (isGiven)
        {
            throw new TrainingException($"{option} {does}, which --parallel {Text} does not: leave one of them out.");
        }
    }
}

/// <summary>Synchronous data parallelism, <see cref="DataParallel"/>.</summary>
public sealed record SynchronousChoice() : ParallelChoice("sync")
{
    /// <inheritdoc/>
    public override void Check(TrainingOptions options) => options.MakeReplication();

    /// <inheritdoc/>
    public override ITrainingParallelism Make(nn.Module module, Intracommunicator communicator, TrainingOptions options) => new DataParallel(module, communicator, options.MakeReplication());
}

/// <summary>A parameter server, asynchronous or with bounded staleness, <see cref="ServerReplicas"/>.</summary>
/// <param name="Text">What it was chosen by.</param>
/// <param name="Staleness">The most steps by which a rank may be ahead; null: any.</param>
public record ServerChoice(string Text, long? Staleness) : ParallelChoice(Text)
{
    /// <inheritdoc/>
    public override void Check(TrainingOptions options)
    {
        base.Check(options);
        Refuse(options.Algorithm != AlgorithmCatalog.Auto, $"--algorithm {options.Algorithm}", "is for allreduces");
        Refuse(options.Optimizer is OptimizerKind.Lars or OptimizerKind.Lamb, $"--optimizer {options.Optimizer.ToString().ToLowerInvariant()}", "compares whole layers");
        PushCodec.Parse(options.Compress, options.Seed, 0);
    }

    /// <inheritdoc/>
    public override ITrainingParallelism Make(nn.Module module, Intracommunicator communicator, TrainingOptions options)
        => new ServerReplicas(module, communicator, Form(communicator), PushCodec.Parse(options.Compress, options.Seed, communicator.Rank), options.MakeReplicas());

    /// <summary>How far ranks may be apart; a collective call.</summary>
    private protected virtual ServerForm Form(Intracommunicator communicator) => new StaleForm(Staleness);
}

/// <summary>The hybrid: a parameter server inside super nodes, <see cref="SuperNodeShard"/>.</summary>
/// <param name="Text">What it was chosen by.</param>
/// <param name="Size">Ranks of a super node; null: those of a node.</param>
public sealed record HybridChoice(string Text, int? Size) : ServerChoice(Text, null)
{
    /// <inheritdoc/>
    private protected override ServerForm Form(Intracommunicator communicator) => HybridForm.Of(communicator, Size);
}

/// <summary>Local SGD, with a proximal term FedProx, <see cref="LocalSgd"/>.</summary>
/// <param name="Text">What it was chosen by.</param>
/// <param name="Steps">Steps between averages.</param>
/// <param name="Mu">The weight of the proximal term, 0 for none.</param>
public sealed record LocalChoice(string Text, int Steps, double Mu) : ParallelChoice(Text)
{
    /// <inheritdoc/>
    public override void Check(TrainingOptions options)
    {
        base.Check(options);
        Refuse(options.Compress != "none", $"--compress {options.Compress}", "compresses gradients on their way");
    }

    /// <inheritdoc/>
    public override ITrainingParallelism Make(nn.Module module, Intracommunicator communicator, TrainingOptions options)
        => new LocalSgd(module, communicator, Steps, Mu, options.MakeReplicas());
}

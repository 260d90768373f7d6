using HpcTrain.Collectives;
using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Replication;

/// <summary>How replicas are kept equal. The same on all ranks.</summary>
public sealed record DataParallelOptions
{
    /// <summary>How collectives are done. Naming an algorithm means an allreduce by it, so that it is what runs.</summary>
    public CollectiveOptions Collectives { get; init; } = CollectiveOptions.Default;

    /// <summary>What the communicator is set up with. Costs are measured only where it says so: measured ones might choose another algorithm, and so other bits, in another run.</summary>
    public CommunicatorOptions Communicator { get; init; } = new();

    /// <summary>How gradients are summed; null: in f32. It belongs to the replicas from then on.</summary>
    public GradientReduction? Reduction { get; init; }

    /// <summary>Whether ranks divide the optimizer's step among them.</summary>
    public StepSharding Sharding { get; init; }

    /// <summary>
    /// Whether gradients are summed on a thread of their own while backward goes on; null: where a rank has a core to spare for that, or waits for other
    /// nodes. It needs MPI_THREAD_SERIALIZED, and is left out where MPI has less.
    /// </summary>
    public bool? Overlap { get; init; }

    /// <summary>Whether it is seen when backward is past each layer, also where nothing overlaps: for timelines.</summary>
    public bool WatchesLayers { get; init; }

    /// <summary>From how many bytes on a bucket takes no further parameter.</summary>
    public long BucketBytes { get; init; } = FlatLayout.DefaultBucketBytes;

    /// <summary>In what linear layers and convolutions compute.</summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>How losses are scaled; null: not. It belongs to the replicas from then on.</summary>
    public LossScaling? LossScaling { get; init; }

    /// <summary>What happens to buffers, as batch norm's statistics.</summary>
    public BufferPolicy Buffers { get; init; }
}

/// <summary>Who steps which parameters.</summary>
public enum StepSharding
{
    /// <summary>On one node the ranks have one copy of the parameters, and each steps its part; on several nodes every rank steps all.</summary>
    Auto,

    /// <summary>Each rank steps its part, and has the optimizer's state of that part only.</summary>
    Always,

    /// <summary>Every rank steps all parameters, and has all state.</summary>
    Never,
}

/// <summary>What happens to a model's buffers, which forward changes on each rank by what it has seen.</summary>
public enum BufferPolicy
{
    /// <summary>Before evaluation and checkpoints all ranks take rank 0's.</summary>
    Broadcast,

    /// <summary>Before evaluation and checkpoints floating-point buffers become their mean over all ranks, others rank 0's.</summary>
    Average,

    /// <summary>Before each step all ranks take rank 0's, as PyTorch's DDP does.</summary>
    EachStep,

    /// <summary>Each rank keeps its own. A checkpoint has rank 0's.</summary>
    Local,
}

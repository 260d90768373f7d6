using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Replication;

/// <summary>
/// How the ranks divide the work that is left after backward: who gets the sums of which gradients, who steps which parameters, and how the others come to know
/// of it. All ranks call the same in the same order.
/// </summary>
internal abstract class WorkDivision
{
    /// <param name="model">The replica.</param>
    /// <param name="isSharded">Whether each rank steps its own block of each bucket instead of all parameters.</param>
    /// <param name="communicator">The ranks.</param>
    protected WorkDivision(FlatModel model, bool isSharded, CollectiveCommunicator communicator)
    {
        (Model, Communicator, IsSharded) = (model, communicator, isSharded);
        var next = 0;
        Parts = [.. model.Layout.Buckets.Select(bucket =>
        {
            var part = isSharded ? OwnBlock(bucket) with { StateOffset = next } : new OwnPart(bucket.Offset, bucket.Length, next);
            next += part.Length;
            return part;
        })];
        StateLength = next;
    }

    /// <summary>What this rank steps of each bucket.</summary>
    public IReadOnlyList<OwnPart> Parts { get; }

    /// <summary>Elements of all parts: the length of the optimizer's state.</summary>
    public int StateLength { get; }

    /// <summary>Whether each rank steps a part of its own.</summary>
    public bool IsSharded { get; }

    /// <summary>What it is called in logs.</summary>
    public abstract string Name { get; }

    /// <summary>The algorithm that the last sum really ran; null before the first.</summary>
    public abstract string? Algorithm { get; }

    protected FlatModel Model { get; }

    protected CollectiveCommunicator Communicator { get; }

    /// <summary>This rank's block of a bucket, as long as that of every other rank.</summary>
    public OwnPart OwnBlock(GradientBucket bucket)
    {
        var length = bucket.Length / Communicator.Size;
        return new(bucket.Offset + (Communicator.Rank * length), length, 0);
    }

    /// <summary>Sums a bucket's gradients over all ranks, at least in this rank's part.</summary>
    public abstract void Sum(GradientBucket bucket);

    /// <summary>All ranks have stepped their parts: lets all parameters arrive on all ranks.</summary>
    public abstract void Publish();
}

/// <summary>What a rank steps of a bucket.</summary>
/// <param name="Offset">Its first element in the flat buffers.</param>
/// <param name="Length">Its length in elements.</param>
/// <param name="StateOffset">Its first element in the optimizer's state.</param>
internal readonly record struct OwnPart(int Offset, int Length, int StateOffset);

/// <summary>Every rank gets all sums and steps all parameters.</summary>
internal sealed class ReplicatedWork(FlatModel model, CollectiveCommunicator communicator, GradientReduction reduction, GradientMemory memory)
    : WorkDivision(model, isSharded: false, communicator)
{
    /// <inheritdoc/>
    public override string Name => "replicated";

    /// <inheritdoc/>
    public override string? Algorithm => reduction.Algorithm;

    /// <inheritdoc/>
    public override void Sum(GradientBucket bucket) => reduction.Reduce(bucket, memory.Gradients(bucket));

    /// <inheritdoc/>
    public override void Publish()
    {
    }
}

/// <summary>
/// Each rank steps its block of each bucket and keeps the optimizer's state of these blocks only: reduce-scatter, step, allgather (Rajbhandari et al., "ZeRO", SC 2020,
/// section 5.1). Compressed gradients are summed as usual; only the step is divided.
/// </summary>
internal sealed class ShardedWork(FlatModel model, CollectiveCommunicator communicator, GradientReduction? reduction, GradientMemory memory)
    : WorkDivision(model, isSharded: true, communicator)
{
    private string? _algorithm;

    /// <inheritdoc/>
    public override string Name => "sharded";

    /// <inheritdoc/>
    public override string? Algorithm => reduction is null ? _algorithm : reduction.Algorithm;

    /// <inheritdoc/>
    public override void Sum(GradientBucket bucket)
    {
        if (reduction is not null)
        {
            reduction.Reduce(bucket, memory.Gradients(bucket));
        }
        else
        {
            _algorithm = memory.ReduceScatter(bucket, OwnBlock(bucket));
        }
    }

    /// <inheritdoc/>
    public override void Publish()
    {
        foreach (var bucket in Model.Layout.Buckets)
        {
            var own = OwnBlock(bucket);
            Communicator.AllGather<float>(Model.Values.Slice(own.Offset, own.Length), Model.Values.Slice(bucket.Offset, bucket.Length));
        }
    }
}

/// <summary>
/// The ranks of one node have one copy of the parameters. Each sums its block of each bucket from the gradients of all and steps it, and a barrier lets the next forward
/// begin: nothing is sent, and the work after backward is done once for the node.
/// </summary>
internal sealed unsafe class NodeWork(FlatModel model, CollectiveCommunicator communicator, GradientMemory memory) : WorkDivision(model, isSharded: true, communicator)
{
    // Gradients of a few ranks, parameters and state of so many elements fit the second-level cache.
    private const int BlockElements = 16 * 1024;
    private readonly nint[] _gradients = memory.OfAllRanks();
    private string? _algorithm;

    /// <inheritdoc/>
    public override string Name => "one copy per node";

    /// <inheritdoc/>
    public override string? Algorithm => _algorithm;

    /// <inheritdoc/>
    public override void Sum(GradientBucket bucket) => _algorithm = memory.ReduceScatter(bucket, OwnBlock(bucket));

    /// <inheritdoc/>
    public override void Publish() => Communicator.Barrier();

    /// <summary>
    /// What <see cref="Sum"/> and the step do for all buckets, in one pass: sums are stepped while they are in the cache, and never written to memory. Ranks must have met
    /// after their backward.
    /// </summary>
    public void SumAndStep(FlatOptimizer optimizer, double learningRate)
    {
        _algorithm = "direct";
        Span<nint> sources = stackalloc nint[_gradients.Length];
        var sums = stackalloc float[BlockElements];
        foreach (var part in Parts)
        {
            for (var begin = 0; begin < part.Length; begin += BlockElements)
            {
                var (offset, count) = (part.Offset + begin, Math.Min(BlockElements, part.Length - begin));
                for (var rank = 0; rank < sources.Length; rank++)
                {
                    sources[rank] = _gradients[rank] + ((nint)offset * sizeof(float));
                }

                // Each source has at least the layout's length, and sums a block's.
                HostKernels.ReduceMany(ElementType.F32, ReduceOp.Sum, sums, sources, count);
                optimizer.StepPart(Model.Values.Slice(offset, count), new(sums, count), part.StateOffset + begin, learningRate);
            }
        }

        optimizer.EndStep();
    }
}

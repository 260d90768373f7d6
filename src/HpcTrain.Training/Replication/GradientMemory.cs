using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Lets a model's gradients, and on one node its parameters, lie in memory of the communicator, which the ranks of a node see. Where the system has not enough shared memory
/// they stay where they are, and collectives copy.
/// </summary>
internal sealed unsafe class GradientMemory : IDisposable
{
    private readonly FlatModel _model;
    private readonly CollectiveCommunicator _collectives;
    private CollectiveBuffer<byte>? _gradients;
    private CollectiveBuffer<byte>? _values;
    private float* _seen;

    public GradientMemory(FlatModel model, CollectiveCommunicator collectives) => (_model, _collectives) = (model, collectives);

    /// <summary>Places the gradients; a collective call.</summary>
    /// <returns>Whether they lie in shared memory now, on all ranks.</returns>
    public bool PlaceGradients(Intracommunicator communicator)
    {
        _gradients = Allocate(communicator);
        if (_gradients is null)
        {
            return false;
        }

        var place = Page(_gradients.Pointer);
        if (!All(communicator, _model.TryPlaceGradients(place)))
        {
            return false; // where it was placed it works as ordinary memory does
        }

        _seen = (float*)place;
        return true;
    }

    /// <summary>Places the parameters of all ranks of one node in one copy, which has rank 0's values; a collective call.</summary>
    /// <returns>Whether there is one copy now, on all ranks; if not, every rank has its own.</returns>
    /// <exception cref="TrainingException">The system has placed a rank's own copy, and does not place the common one.</exception>
    public bool ShareValues(Intracommunicator communicator)
    {
        _values = Allocate(communicator);
        if (_values is null)
        {
            return false;
        }

        // A rank that cannot lay it over must not leave the others with a copy that they change together: all try with their own part first.
        var own = Page(_values.Pointer);
        fixed (float* values = _model.Values)
        {
            Buffer.MemoryCopy(values, own, _model.Bytes, (long)_model.Values.Length * sizeof(float));
        }

        if (!All(communicator, _model.TryPlaceValues(own)))
        {
            return false;
        }

        communicator.Barrier();
        return All(communicator, _model.TryPlaceValues(Page(_values.PartOf(0)))) ? true
            : throw new TrainingException("the ranks' parameters cannot be placed in one copy after they were placed in shared memory: train with --shard-optimizer never.");
    }

    /// <summary>The gradients of all ranks, by rank; for ranks of one node that placed them.</summary>
    public nint[] OfAllRanks()
    {
        var parts = new nint[_collectives.Size];
        for (var rank = 0; rank < parts.Length; rank++)
        {
            parts[rank] = (nint)Page(_gradients!.PartOf(rank));
        }

        return parts;
    }

    /// <summary>Sums a bucket's gradients over all ranks into this rank's block of it.</summary>
    /// <returns>The algorithm.</returns>
    public string ReduceScatter(GradientBucket bucket, OwnPart own)
    {
        if (_seen is not null)
        {
            return Run(_seen, bucket, own);
        }

        fixed (float* gradients = _model.Gradients)
        {
            return Run(gradients, bucket, own);
        }
    }

    /// <summary>A bucket's gradients where collectives need not copy them; valid while this object lives.</summary>
    public Span<float> Gradients(GradientBucket bucket)
        => _seen is null ? _model.Gradients.Slice(bucket.Offset, bucket.Length) : new Span<float>(_seen + bucket.Offset, bucket.Length);

    /// <summary>Frees the memory after the model has left it; a collective call.</summary>
    public void Dispose()
    {
        _gradients?.Dispose();
        _values?.Dispose();
    }

    private string Run(float* gradients, GradientBucket bucket, OwnPart own)
        => _collectives.Run(CollectiveCall.ReduceScatter(gradients + bucket.Offset, gradients + own.Offset, own.Length, ElementType.F32, ReduceOp.Sum)).Algorithm;

    private CollectiveBuffer<byte>? Allocate(Intracommunicator communicator)
    {
        try
        {
            return Agreement.Run(communicator, () => _collectives.Allocate<byte>(_model.Bytes + System.Environment.SystemPageSize));
        }
        catch (JobException)
        {
            return null; // at least one rank has no such memory
        }
    }

    // What is aligned to a page in one process is aligned in all, see SharedWindow.
    private static void* Page(byte* part)
    {
        var page = (nint)System.Environment.SystemPageSize;
        return (void*)(((nint)part + page - 1) / page * page);
    }

    private static bool All(Intracommunicator communicator, bool mine)
    {
        Span<int> holds = [mine ? 1 : 0];
        communicator.AllReduce(holds, MpiOp.Min);
        return holds[0] == 1;
    }
}

using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Training.Reduction;

/// <summary>
/// How the gradients of a bucket become their sum over all ranks: exactly, or in fewer bytes. Whatever it does, all ranks end with the same bits, the same
/// run gives the same bits again, and a NaN or infinity in any rank's gradients arrives as a NaN or infinity on all of them. One rank alone sends nothing
/// and keeps its gradients as they are. Not thread-safe: one thread at a time calls it, the one that communicates.
/// </summary>
public abstract class GradientReduction : ICompressionState
{
    private static readonly Dictionary<string, float[]> _stateless = [];
    private CollectiveCommunicator? _communicator;
    private CollectiveOptions _options = CollectiveOptions.Default;
    private CollectiveOptions _halfOptions = CollectiveOptions.Default;

    /// <summary>What <see cref="ReductionText"/> makes it from, as "none", "f16" or "top-k:0.01".</summary>
    public abstract string Name { get; }

    /// <summary>
    /// What this rank has sent to others since <see cref="Prepare"/>, in bytes, with scales and indices: the message parts of an algorithm that sends no more than it
    /// must, 2 (p-1)/p of an allreduced buffer and p-1 times an own block that is gathered. It tells methods apart, wherever the ranks are: through the memory of a node
    /// nothing is sent at all, and some algorithms send more to wait less.
    /// </summary>
    public long SentBytes { get; private set; }

    /// <summary>Steps done: how often the last bucket was reduced; part of the state, since random choices depend on it.</summary>
    public long Steps { get; private set; }

    /// <summary>The algorithm that the last allreduce really ran; null before the first.</summary>
    public string? Algorithm { get; private set; }

    /// <summary>
    /// State buffers by name (as "residual"), each with a length of its own; empty until <see cref="Prepare"/>. The arrays are the live state: reading
    /// saves it, writing restores it. It belongs to this rank; a checkpoint needs that of every rank.
    /// </summary>
    public virtual IReadOnlyDictionary<string, float[]> State => _stateless;

    /// <summary>The buckets that will be reduced, by number.</summary>
    protected IReadOnlyList<GradientBucket> Buckets { get; private set; } = [];

    /// <summary>The ranks that reduce together.</summary>
    protected CollectiveCommunicator Communicator
        => _communicator ?? throw new InvalidOperationException($"the reduction {Name} does not know its buckets yet: call {nameof(Prepare)} first.");

    /// <summary>The least length, in elements, of flat gradients that hold all buckets.</summary>
    protected int FlatLength { get; private set; }

    /// <summary>
    /// Allocates buffers and the state, which is as at the start of a training. A collective call. The buffers are the communicator's and go with it.
    /// </summary>
    /// <param name="buckets">All buckets, by number; the same on all ranks.</param>
    /// <param name="communicator">The ranks that reduce together; it stays the caller's.</param>
    /// <param name="options">How allreduces are done; null for the defaults. Other collectives choose by themselves.</param>
    /// <exception cref="ArgumentException">The buckets are not numbered from 0, or have a place that cannot be.</exception>
    public void Prepare(IReadOnlyList<GradientBucket> buckets, CollectiveCommunicator communicator, CollectiveOptions? options = null)
    {
        for (var i = 0; i < buckets.Count; i++)
        {
            var bucket = buckets[i];
            if (bucket.Index != i || bucket.Offset < 0 || bucket.Length < 0)
            {
                throw new ArgumentException($"bucket {i} of {buckets.Count} is {bucket.Index}, from {bucket.Offset}, {bucket.Length} elements long: number them from 0.");
            }
        }

        (Buckets, _communicator, _options) = (buckets, communicator, options ?? CollectiveOptions.Default);
        _halfOptions = _options with { Partials = PartialPrecision.Element };
        (SentBytes, Steps, Algorithm) = (0, 0, null);
        FlatLength = buckets.Select(b => checked(b.Offset + b.Length)).DefaultIfEmpty().Max();
        Allocate();
    }

    /// <summary>Replaces gradients by their sum over all ranks, or what the method makes of it. A collective call: all ranks reduce the same buckets in the same order.</summary>
    /// <param name="bucket">Which.</param>
    /// <param name="gradients">The bucket's part of the flat gradients, gaps included.</param>
    /// <exception cref="ArgumentException">The bucket was not prepared, or the gradients do not have its length.</exception>
    /// <exception cref="ScheduleException">A rank does not answer or reduces something else.</exception>
    public void Reduce(GradientBucket bucket, Span<float> gradients)
    {
        if (bucket.Index >= Buckets.Count || Buckets[bucket.Index].Length != bucket.Length || gradients.Length != bucket.Length)
        {
            throw new ArgumentException(
                $"{gradients.Length} gradients for bucket {bucket.Index}, which has {bucket.Length} elements, of {Buckets.Count} buckets: call {nameof(Prepare)} with the buckets first.");
        }

        if (Communicator.Size > 1 && bucket.Length > 0)
        {
            Apply(bucket, gradients);
        }

        if (bucket.Index == Buckets.Count - 1)
        {
            Steps++;
        }
    }

    /// <summary>Sets the step count after the <see cref="State"/> buffers were restored.</summary>
    public void RestoreSteps(long steps) => Steps = steps;

    /// <summary>Allocates buffers and state for <see cref="Buckets"/>; on one rank alone, nothing will use them.</summary>
    protected virtual void Allocate()
    {
    }

    /// <summary>Reduces a bucket that has elements, on at least two ranks.</summary>
    protected abstract void Apply(GradientBucket bucket, Span<float> gradients);

    /// <summary>Sums over all ranks in f32.</summary>
    protected void SumPlainly(Span<float> values)
    {
        Told(Communicator.AllReduce(values, ReduceOp.Sum, _options));
        CountAllReduce((long)values.Length * sizeof(float));
    }

    /// <summary>Sums a buffer of the communicator in a 16-bit type; what travels has 16 bits.</summary>
    protected unsafe void SumHalves(CollectiveBuffer<ushort> buffer, int length, ElementType type)
    {
        Told(Communicator.AllReduce(buffer.Pointer, length, type, ReduceOp.Sum, _halfOptions));
        CountAllReduce((long)length * sizeof(ushort));
    }

    /// <summary>Sends each rank a block of equal length.</summary>
    protected void Exchange(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Communicator.AllToAll(source, destination);
        SentBytes += source.Length / Communicator.Size * (Communicator.Size - 1L);
    }

    /// <summary>Gives each rank the block of this one.</summary>
    protected void Gather(ReadOnlySpan<byte> block, Span<byte> all)
    {
        Communicator.AllGather(block, all);
        SentBytes += block.Length * (Communicator.Size - 1L);
    }

    /// <summary>Whether a sum in f32 sends no more than <paramref name="compressedBytes"/>: then nothing is gained by giving up precision.</summary>
    protected bool IsPlainAsShort(int length, long compressedBytes)
        => AllReduceBytes((long)length * sizeof(float)) <= compressedBytes;

    private long AllReduceBytes(long bytes) => 2 * bytes * (Communicator.Size - 1) / Communicator.Size;

    private void CountAllReduce(long bytes) => SentBytes += AllReduceBytes(bytes);

    private void Told(CollectiveResult result) => Algorithm = result.Algorithm;
}

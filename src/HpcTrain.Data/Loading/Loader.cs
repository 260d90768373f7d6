using System.Diagnostics;
using System.Runtime.ExceptionServices;
using HpcTrain.Data.Loading;

namespace HpcTrain.Data;

/// <summary>
/// Hands a rank its batches. Step k of an epoch covers positions [k*B*ranks, (k+1)*B*ranks) of the epoch's order, B being the
/// batch size; rank r takes the r-th contiguous part, equal ones or by <see cref="LoaderOptions.Shares"/>. The order is the same for any number of ranks, and so is what all ranks
/// together see in a step of the same global size. A background thread reads, decodes and converts
/// <see cref="LoaderOptions.Prefetch"/> batches ahead; after warm-up nothing is allocated. <see cref="Next"/> and
/// <see cref="Return"/> are for one thread.
/// </summary>
public sealed class Loader : IDisposable
{
    private const int HeldBatches = 2;

    private readonly BatchSource source;
    private readonly string orderId;
    private readonly ulong seed;
    private readonly object gate = new();
    private readonly BatchQueue free;
    private readonly BatchQueue ready;
    private readonly BatchQueue held;
    private readonly Thread thread;
    private ExceptionDispatchInfo? failure;
    private bool disposed;
    private bool atEpochEnd;
    private long epoch;
    private long position;
    private long stalledTicks;

    /// <summary>Starts loading, from the beginning of epoch 0 or from <paramref name="resume"/>.</summary>
    /// <param name="dataset">Stays the caller's; it must outlive the loader.</param>
    /// <param name="options">Alike on all ranks but for the rank.</param>
    /// <param name="resume">The state of another loader over the same data, on any number of ranks.</param>
    /// <exception cref="DatasetException">Options that make no sense for this dataset, or a state of another dataset or
    /// order.</exception>
    public Loader(ShardedDataset dataset, LoaderOptions options, LoaderState? resume = null)
    {
        Validate(dataset, options);
        var start = resume ?? new LoaderState(0, 0, options.Seed);
        if (start.Epoch < 0 || start.Position < 0 || start.Position > dataset.Count)
            throw new DatasetException(
                $"The loader state (epoch {start.Epoch}, position {start.Position}) is outside of {dataset.Folder} " +
                $"with {dataset.Count} samples; resume with the data that the run began with.");
        source = new BatchSource(dataset, options, start);
        orderId = $"{dataset.Fingerprint[..16]} {source.OrderName}";
        if (start.Order is not null && start.Order != orderId)
            throw new DatasetException(
                $"The loader state is of another sample order ({start.Order}) than these data and options give " +
                $"({orderId}); resume with the same data, shuffle and cache size.");
        seed = start.Seed;
        epoch = start.Epoch;
        position = start.Position;
        atEpochEnd = position > 0 && source.EndsAt(position);
        StepsPerEpoch = (dataset.Count + (options.DropLast ? 0 : source.GlobalBatch - 1)) / source.GlobalBatch;
        Slots = options.Prefetch + HeldBatches;
        free = new BatchQueue(Slots);
        ready = new BatchQueue(Slots);
        held = new BatchQueue(Slots);
        for (var slot = 0; slot < Slots; slot++)
            free.Add(new Batch(this, slot, source.AllocateFields(), source.Capacity));
        thread = new Thread(Work) { IsBackground = true, Name = "hpctrain loader" };
        thread.Start();
    }

    /// <summary>Steps of a whole epoch.</summary>
    public long StepsPerEpoch { get; }

    /// <summary>Sets of arrays that batches rotate through; see <see cref="Batch.Slot"/>.</summary>
    public int Slots { get; }

    /// <summary>The names of the loaded fields.</summary>
    public IReadOnlyList<string> FieldNames => source.Names;

    /// <summary>How samples are ordered: "full", "sequential", or "blocks of N in windows of M".</summary>
    public string Order => source.OrderName;

    /// <summary>Where the loader stands after the batches handed out so far.</summary>
    public LoaderState State => new(epoch, position, seed, orderId);

    /// <summary>Time that <see cref="Next"/> has waited for data, in total.</summary>
    public TimeSpan Stalled => Stopwatch.GetElapsedTime(0, stalledTicks);

    /// <summary>Chunks read and decoded so far, over all fields; more than the dataset has per epoch means that the cache is
    /// too small.</summary>
    public long ChunksRead => source.ChunksRead;

    /// <summary>The next batch of this rank, or null at the end of an epoch; the call after that begins the next
    /// epoch.</summary>
    /// <exception cref="DatasetException">A shard cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The loader is disposed.</exception>
    public Batch? Next()
    {
        if (atEpochEnd)
        {
            atEpochEnd = false;
            epoch++;
            position = 0;
            return null;
        }
        Batch batch;
        lock (gate)
        {
            while (held.Count >= HeldBatches)
                Release(held.Take());
            if (ready.Count == 0)
                WaitForBatch();
            batch = ready.Take();
            held.Add(batch);
        }
        epoch = batch.Epoch;
        position = batch.Position + batch.GlobalCount;
        atEpochEnd = batch.EndsEpoch;
        return batch;
    }

    /// <summary>Stops the background thread. Batches handed out keep their contents.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            Monitor.PulseAll(gate);
        }
        thread.Join();
    }

    internal void Return(Batch batch)
    {
        lock (gate)
            if (held.Remove(batch))
                Release(batch);
    }

    private static void Validate(ShardedDataset dataset, LoaderOptions options)
    {
        if (options.BatchSize < 1)
            throw new DatasetException($"A batch of {options.BatchSize} samples makes no sense; give 1 or more.");
        if (options.Ranks < 1 || options.Rank < 0 || options.Rank >= options.Ranks)
            throw new DatasetException(
                $"There is no rank {options.Rank} of {options.Ranks}; ranks count from 0 to the number of ranks less one.");
        if ((long)options.BatchSize * options.Ranks > int.MaxValue)
            throw new DatasetException(
                $"A step of {options.BatchSize} samples on each of {options.Ranks} ranks is too large; give a smaller batch.");
        if (options.Shares is { } shares && (shares.Count != options.Ranks || !shares.All(share => share > 0 && double.IsFinite(share))))
            throw new DatasetException(
                $"The shares of a step are {string.Join(", ", shares)} for {options.Ranks} ranks; give each rank a positive number.");
        if (options.Prefetch < 1)
            throw new DatasetException($"{options.Prefetch} batches cannot be prepared ahead; give a prefetch of 1 or more.");
        if (options.CacheBytes < 0)
            throw new DatasetException($"A cache of {options.CacheBytes} bytes makes no sense; give 0 or more.");
        if (options.DropLast && dataset.Count < (long)options.BatchSize * options.Ranks)
            throw new DatasetException(
                $"{dataset.Folder} has {dataset.Count} samples, too few for one step of {options.BatchSize} on each of {options.Ranks} ranks; " +
                "give a smaller batch, or keep the last, smaller step.");
    }

    // The lock is held; it is given up while waiting.
    private void WaitForBatch()
    {
        var begun = Stopwatch.GetTimestamp();
        while (ready.Count == 0)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            failure?.Throw();
            Monitor.Wait(gate);
        }
        stalledTicks += Stopwatch.GetTimestamp() - begun;
    }

    // The lock is held.
    private void Release(Batch batch)
    {
        free.Add(batch);
        Monitor.PulseAll(gate);
    }

    private void Work()
    {
        try
        {
            while (TakeFree() is { } batch)
            {
                source.Fill(batch);
                lock (gate)
                {
                    ready.Add(batch);
                    Monitor.PulseAll(gate);
                }
                source.ReadAhead();
            }
        }
        catch (Exception e)
        {
            lock (gate)
            {
                failure = ExceptionDispatchInfo.Capture(e);
                Monitor.PulseAll(gate);
            }
        }
    }

    private Batch? TakeFree()
    {
        lock (gate)
        {
            while (free.Count == 0 && !disposed)
                Monitor.Wait(gate);
            return disposed ? null : free.Take();
        }
    }
}

using HpcTrain.Kernels;

namespace HpcTrain.Data.Loading;

/// <summary>
/// Fills batches: step after step it takes this rank's positions of the epoch's order, finds their samples in the decoded
/// chunks and converts them into the batch's arrays. Used by the loader's background thread alone.
/// </summary>
internal sealed class BatchSource
{
    private readonly ShardedDataset dataset;
    private readonly LoaderOptions options;
    private readonly long epochEnd;
    private readonly LoadedField[] fields;
    private readonly SampleOrder order;
    private readonly StepParts parts;
    private long epoch;
    private long position;
    private bool epochBegun;

    public BatchSource(ShardedDataset dataset, LoaderOptions options, LoaderState start)
    {
        this.dataset = dataset;
        this.options = options;
        var indices = LoadedFields(dataset, options);
        var transforms = Transforms(dataset, options, indices);
        var plan = new CachePlan(dataset, indices, options, start.Seed);
        order = plan.Order;
        fields = [.. indices.Select((field, i) => new LoadedField(dataset, field, transforms[i], plan.Chunks[i]))];
        Names = [.. fields.Select(loaded => loaded.Name)];
        epoch = start.Epoch;
        position = start.Position;
        GlobalBatch = (long)options.BatchSize * options.Ranks;
        epochEnd = dataset.Count;
        parts = new StepParts(options.Ranks, options.Shares);
        Capacity = options.Shares is null ? options.BatchSize : parts.Of((int)GlobalBatch, options.Rank).Count + 1;
    }

    public IReadOnlyList<string> Names { get; }

    public string OrderName => order.Name;

    /// <summary>Samples of a full step over all ranks.</summary>
    public long GlobalBatch { get; }

    /// <summary>The most samples that this rank has in a step.</summary>
    public int Capacity { get; }

    /// <summary>Chunks read and decoded so far.</summary>
    public long ChunksRead => fields.Sum(loaded => loaded.Cache.Misses);

    /// <summary>Whether an epoch that has been consumed up to <paramref name="consumed"/> has no further step.</summary>
    public bool EndsAt(long consumed) => consumed + (options.DropLast ? GlobalBatch : 1) > epochEnd;

    public BatchField[] AllocateFields() =>
        [.. fields.Select(loaded => new BatchField(loaded.Name, loaded.Type, loaded.Shape, Capacity))];

    /// <summary>Fills the next batch; at the end of an epoch goes on with the next.</summary>
    public void Fill(Batch batch)
    {
        if (EndsAt(position))
        {
            epoch++;
            position = 0;
            epochBegun = false;
        }
        if (!epochBegun)
            order.BeginEpoch(epoch);
        epochBegun = true;

        var global = (int)Math.Min(GlobalBatch, epochEnd - position);
        var (offset, count) = parts.Of(global, options.Rank);
        batch.Set(epoch, position, global, count, EndsAt(position + global));
        var samples = batch.Indices[..count];
        order.Fill(position + offset, samples);
        for (var i = 0; i < count; i++)
            FillSample(batch, i, samples[i]);
        position += global;
    }

    /// <summary>Reads what the order will need soon; for the time after a batch has been passed on.</summary>
    public void ReadAhead()
    {
        while (order.NextToReadAhead(position) is var sample and >= 0)
        {
            var shard = dataset.ShardOf(sample);
            foreach (var field in fields)
                _ = field.Cache.Sample(shard, sample - dataset.FirstSamples[shard]);
        }
    }

    private void FillSample(Batch batch, int index, long sample)
    {
        var shard = dataset.ShardOf(sample);
        var inShard = sample - dataset.FirstSamples[shard];
        for (var i = 0; i < fields.Length; i++)
            fields[i].Conversion.Run(fields[i].Cache.Sample(shard, inShard), batch.FieldAt(i).Sample(index));
    }

    private static int[] LoadedFields(ShardedDataset dataset, LoaderOptions options)
    {
        if (options.Fields is null)
            return [.. Enumerable.Range(0, dataset.Fields.Count)];
        if (options.Fields.Count == 0)
            throw new DatasetException(
                $"The loader of {dataset.Folder} was told to load no field; name at least one, or null for all.");
        return [.. options.Fields.Distinct().Select(dataset.FieldIndex)];
    }

    private static FieldTransform?[] Transforms(ShardedDataset dataset, LoaderOptions options, int[] fields)
    {
        var found = new FieldTransform?[fields.Length];
        foreach (var transform in options.Transforms ?? [])
        {
            var place = Array.IndexOf(fields, dataset.FieldIndex(transform.Field));
            if (place < 0)
                throw new DatasetException(
                    $"Field '{transform.Field}' has a transform but is not among the loaded fields; load it or drop the " +
                    "transform.");
            if (found[place] is not null)
                throw new DatasetException($"Field '{transform.Field}' has two transforms; give it one.");
            var schema = dataset.Fields[fields[place]];
            if (transform.Shape is { } shape && shape.Aggregate(1L, (product, extent) => product * extent) != schema.ElementsPerSample)
                throw new DatasetException(
                    $"Field '{transform.Field}' has samples of shape [{string.Join(',', schema.Shape)}], which cannot become " +
                    $"[{string.Join(',', shape)}]; give a shape with as many elements.");
            found[place] = transform;
        }
        return found;
    }

    private sealed class LoadedField(ShardedDataset dataset, int field, FieldTransform? transform, int chunks)
    {
        private readonly FieldSchema schema = dataset.Fields[field];

        public string Name => schema.Name;

        public ElementType Type => transform?.To ?? schema.Type;

        public IReadOnlyList<long> Shape => transform?.Shape ?? schema.Shape;

        public ChunkCache Cache { get; } = new(dataset, field, chunks);

        public Conversion Conversion { get; } = new(
            dataset.Fields[field].Type, transform?.To ?? dataset.Fields[field].Type, transform?.Scale ?? 1, transform?.Offset ?? 0,
            (int)dataset.Fields[field].ElementsPerSample);
    }
}

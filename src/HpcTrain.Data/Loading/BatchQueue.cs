namespace HpcTrain.Data.Loading;

/// <summary>A queue of at most as many batches as there are slots, between two threads; allocates nothing.</summary>
internal sealed class BatchQueue(int capacity)
{
    private readonly Batch[] ring = new Batch[capacity];
    private int first;

    public int Count { get; private set; }

    public void Add(Batch batch)
    {
        ring[(first + Count) % ring.Length] = batch;
        Count++;
    }

    public Batch Take()
    {
        var batch = ring[first];
        first = (first + 1) % ring.Length;
        Count--;
        return batch;
    }

    /// <summary>Takes out one batch wherever it stands; false when it is not in the queue.</summary>
    public bool Remove(Batch batch)
    {
        var found = false;
        for (var left = Count; left > 0; left--)
        {
            var next = Take();
            if (next == batch)
                found = true;
            else
                Add(next);
        }
        return found;
    }
}

using HpcTrain.Kernels;

namespace HpcTrain.Data;

/// <summary>
/// One rank's part of a step. The arrays are pinned (their address never changes) and used again: they keep their contents
/// while this batch is the last or the last but one that <see cref="Loader.Next"/> handed out, or until <see cref="Return"/>.
/// </summary>
public sealed class Batch
{
    private readonly Loader owner;
    private readonly BatchField[] fields;
    private readonly long[] indices;

    internal Batch(Loader owner, int slot, BatchField[] fields, int capacity)
    {
        this.owner = owner;
        this.fields = fields;
        Slot = slot;
        indices = new long[capacity];
    }

    /// <summary>Samples of this rank. The last step of an epoch may have fewer than the batch size, or 0.</summary>
    public int Count { get; private set; }

    /// <summary>Samples of all ranks in this step.</summary>
    public int GlobalCount { get; private set; }

    /// <summary>The epoch, from 0.</summary>
    public long Epoch { get; private set; }

    /// <summary>The position in the epoch of the step's first sample over all ranks.</summary>
    public long Position { get; private set; }

    /// <summary>Which of the reused sets of arrays this is, from 0 to <see cref="Loader.Slots"/> - 1: a tensor that wraps an
    /// array can be kept per slot.</summary>
    public int Slot { get; }

    /// <summary>The dataset's numbers of this batch's samples, <see cref="Count"/> of them.</summary>
    public ReadOnlySpan<long> SampleIndices => indices.AsSpan(0, Count);

    /// <summary>The names of the loaded fields.</summary>
    public IReadOnlyList<string> Fields => owner.FieldNames;

    /// <summary>
    /// The elements of a field, sample after sample, with room for the full batch size: a float[] for f32, byte[] for u8,
    /// Half[] for f16, <see cref="BFloat16"/>[] for bf16, and so on. Always the same array for the same slot and field.
    /// </summary>
    /// <exception cref="DatasetException">The field is not loaded; lists those that are.</exception>
    public Array Data(string field) => Find(field).Array;

    /// <summary>The elements that are filled: Count x elements per sample.</summary>
    /// <exception cref="DatasetException">The field is not loaded, or has elements of another type.</exception>
    public Span<T> Values<T>(string field) where T : unmanaged
    {
        var found = Find(field);
        return found.Array is T[] array
            ? array.AsSpan(0, Count * found.ElementsPerSample)
            : throw new DatasetException(
                $"Field '{field}' is loaded as {found.Type.Name()}, not {ElementTypes.Of<T>().Name()}; ask for its own type " +
                "or give it a transform.");
    }

    /// <summary>The shape: <see cref="Count"/>, then the shape of a sample.</summary>
    /// <exception cref="DatasetException">The field is not loaded; lists those that are.</exception>
    public ReadOnlySpan<long> Shape(string field) => Find(field).Shape;

    /// <summary>The type of a field's elements in <see cref="Data"/>.</summary>
    /// <exception cref="DatasetException">The field is not loaded; lists those that are.</exception>
    public ElementType Type(string field) => Find(field).Type;

    /// <summary>Gives the arrays back early; the batch must not be used any more.</summary>
    public void Return() => owner.Return(this);

    /// <summary>The last batch of its epoch.</summary>
    internal bool EndsEpoch { get; private set; }

    internal Span<long> Indices => indices;

    internal void Set(long epoch, long position, int globalCount, int count, bool endsEpoch)
    {
        Epoch = epoch;
        Position = position;
        GlobalCount = globalCount;
        Count = count;
        EndsEpoch = endsEpoch;
        foreach (var field in fields)
            field.Shape[0] = count;
    }

    internal BatchField FieldAt(int index) => fields[index];

    private BatchField Find(string name)
    {
        foreach (var field in fields)
            if (field.Name == name)
                return field;
        throw new DatasetException(
            $"No field '{name}' is loaded; the loaded fields are {string.Join(", ", fields.Select(field => field.Name))}.");
    }
}

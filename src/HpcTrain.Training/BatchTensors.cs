using HpcTrain.Data;
using static TorchSharp.torch;

namespace HpcTrain.Training;

/// <summary>
/// Wraps a loader's reused arrays in tensors, without a copy: one tensor per array, made the first time the loader hands
/// it out. A smaller last batch is a view of the first rows.
/// </summary>
/// <param name="field">The field to wrap.</param>
internal sealed class BatchTensors(string field) : IDisposable
{
    private readonly Dictionary<int, Tensor> _slots = [];

    /// <summary>The field's samples of a batch, [count, ...]; owned by this object when the batch is full, else by the caller's scope.</summary>
    public Tensor Wrap(Batch batch)
    {
        if (!_slots.TryGetValue(batch.Slot, out var whole))
        {
            var data = batch.Data(field);
            using var scope = NewDisposeScope();
            var flat = frombuffer(data, TypeOf(data));
            var shape = batch.Shape(field).ToArray();
            shape[0] = -1;
            whole = flat.view(shape).DetachFromDisposeScope();
            _slots.Add(batch.Slot, whole);
        }

        return batch.Count == whole.shape[0] ? whole : whole.narrow(0, 0, batch.Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _slots.Values)
        {
            tensor.Dispose();
        }

        _slots.Clear();
    }

    // By the element's type code: as a pattern, sbyte[] would match byte[] (array covariance).
    private static ScalarType TypeOf(Array data) => Type.GetTypeCode(data.GetType().GetElementType()) switch
    {
        TypeCode.Single => ScalarType.Float32,
        TypeCode.Double => ScalarType.Float64,
        TypeCode.Byte => ScalarType.Byte,
        TypeCode.SByte => ScalarType.Int8,
        TypeCode.Int16 => ScalarType.Int16,
        TypeCode.Int32 => ScalarType.Int32,
        TypeCode.Int64 => ScalarType.Int64,
        _ when data is Half[] => ScalarType.Float16,
        _ => throw new TrainingException($"libtorch has no element type for {data.GetType().GetElementType()!.Name}; transform the field to f32."),
    };
}

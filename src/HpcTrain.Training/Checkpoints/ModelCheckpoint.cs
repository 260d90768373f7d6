using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Reduction;
using HpcTrain.Training.Replication;
using static TorchSharp.torch;

namespace HpcTrain.Training.Checkpoints;

/// <summary>
/// What a checkpoint of a data parallel run holds: <c>model.safetensors</c> (parameters and buffers by their names in the
/// module), <c>optimizer.safetensors</c> ("momentum/conv1.weight"), <c>random.safetensors</c> (libtorch's generator of each
/// rank) and <c>state.json</c>. All ranks hold the same model, so rank 0 writes it. Where gradients are compressed and what that leaves out is kept back, each rank
/// writes its own, <c>compression-rank-N.safetensors</c>.
/// </summary>
public static class ModelCheckpoint
{
    private const string ModelFile = "model.safetensors";
    private const string OptimizerFile = "optimizer.safetensors";
    private const string RandomFile = "random.safetensors";
    private const string StateFile = "state.json";

    /// <summary>The files of a checkpoint, for <see cref="CheckpointStore.Save"/>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="optimizerState">The whole state of its optimizer, by name, in the layout of the parameters.</param>
    /// <param name="state">Where training stands.</param>
    /// <param name="randomStates">libtorch's generator state of each rank, by rank.</param>
    public static IReadOnlyList<(string Name, Action<Stream> Write)> Files(
        FlatModel model, IReadOnlyDictionary<string, float[]> optimizerState, CheckpointState state, IReadOnlyList<byte[]> randomStates)
        =>
        [
            (ModelFile, stream => SafeTensors.Write(stream, ModelTensors(model))),
            (OptimizerFile, stream => SafeTensors.Write(stream, OptimizerTensors(model, optimizerState))),
            (RandomFile, stream => SafeTensors.Write(stream, [.. randomStates.Select((bytes, rank) =>
                new StoredTensor(RandomName(rank), "U8", [bytes.Length], () => bytes))])),
            (StateFile, stream => JsonSerializer.Serialize(stream, state, CheckpointJson.Default.CheckpointState)),
        ];

    /// <summary>The files that each rank writes: what its compression keeps back; none without compression that does.</summary>
    public static IReadOnlyList<(string Name, Action<Stream> Write)> FilesOfRank(ICompressionState? reduction, int rank)
        => reduction is null || reduction.State.Count == 0
            ? []
            : [(CompressionFile(rank), stream => SafeTensors.Write(stream, [.. reduction.State.Select(state =>
                new StoredTensor(state.Key, "F32", [state.Value.Length], () => MemoryMarshal.AsBytes(state.Value.AsSpan())))]))];

    /// <summary>Restores what the compression of this rank had kept back.</summary>
    /// <returns>False when the checkpoint was written by another number of ranks, with another compression, or with buckets of other sizes; nothing is restored then.</returns>
    public static bool RestoreCompression(string checkpoint, CheckpointState state, ICompressionState? reduction, int rank, int ranks)
    {
        if (state.Ranks != ranks || state.Compression != reduction?.Name)
        {
            return false;
        }

        if (reduction is null)
        {
            return true;
        }

        if (reduction.State.Count > 0)
        {
            using var file = SafeTensors.Open(Path.Combine(checkpoint, CompressionFile(rank)));
            if (!reduction.State.All(s => file.Entries.TryGetValue(s.Key, out var entry) && entry.Shape.SequenceEqual([s.Value.Length])))
            {
                return false;
            }

            foreach (var (name, values) in reduction.State)
            {
                file.Read(name, "F32", [values.Length], MemoryMarshal.AsBytes(values.AsSpan()));
            }
        }

        reduction.RestoreSteps(state.CompressionSteps);
        return true;
    }

    /// <summary>Reads where training stood.</summary>
    /// <exception cref="CheckpointException">The file does not say.</exception>
    public static CheckpointState ReadState(string checkpoint)
    {
        var path = Path.Combine(checkpoint, StateFile);
        try
        {
            var state = JsonSerializer.Deserialize(File.ReadAllBytes(path), CheckpointJson.Default.CheckpointState);
            return state is { Version: 1 } ? state : throw new CheckpointException($"{path} has an unknown version; this program reads version 1.");
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"{path} is not a checkpoint's state: {e.Message}", e);
        }
    }

    /// <summary>Restores parameters, buffers, optimizer and, if this rank had one, its random state.</summary>
    /// <returns>False when the checkpoint has no random state for this rank (it was written by fewer ranks).</returns>
    /// <exception cref="CheckpointException">The checkpoint belongs to another model or optimizer; the first difference is named.</exception>
    public static bool Restore(string checkpoint, CheckpointState state, ITrainingParallelism replicas, FlatOptimizer optimizer, int rank)
    {
        var model = replicas.Model;
        if (state.Optimizer != optimizer.Name)
        {
            throw new CheckpointException(
                $"the checkpoint {checkpoint} was written with the optimizer {state.Optimizer}, this run uses {optimizer.Name}: resume with the same optimizer.");
        }

        using (var file = SafeTensors.Open(Path.Combine(checkpoint, ModelFile)))
        {
            var expected = model.Slots.Select(s => s.Name).Concat(model.OtherState.Select(o => o.Name)).ToHashSet();
            if (file.Entries.Keys.FirstOrDefault(name => !expected.Contains(name)) is { } stranger)
            {
                throw new CheckpointException(
                    $"the checkpoint {checkpoint} holds {stranger}, which this model does not have: resume with the model that wrote it.");
            }

            foreach (var slot in model.Slots)
            {
                file.Read(slot.Name, "F32", slot.Shape, MemoryMarshal.AsBytes(model.Values.Slice(slot.Offset, slot.Count)));
            }

            foreach (var (name, tensor) in model.OtherState)
            {
                file.Read(name, TypeName(tensor.dtype), tensor.shape, TensorMemory.Bytes(tensor));
            }
        }

        using (var file = SafeTensors.Open(Path.Combine(checkpoint, OptimizerFile)))
        {
            foreach (var stateName in optimizer.State.Keys)
            {
                var values = new float[model.Layout.Length];
                foreach (var slot in model.Slots)
                {
                    file.Read($"{stateName}/{slot.Name}", "F32", slot.Shape, MemoryMarshal.AsBytes(values.AsSpan(slot.Offset, slot.Count)));
                }

                replicas.RestoreState(optimizer, stateName, values);
            }
        }

        model.Refresh();
        if (state.LossScale is { } scale && replicas.LossScaling is { IsDynamic: true } scaling)
        {
            scaling.Restore(scale, state.StepsAtLossScale);
        }

        optimizer.RestoreSteps(state.OptimizerSteps);
        return RestoreRandomState(checkpoint, rank);
    }

    /// <summary>libtorch's CPU generator state on this rank.</summary>
    public static byte[] RandomState()
    {
        using var state = random.get_rng_state();
        return state.bytes.ToArray();
    }

    private static bool RestoreRandomState(string checkpoint, int rank)
    {
        using var file = SafeTensors.Open(Path.Combine(checkpoint, RandomFile));
        if (!file.Entries.TryGetValue(RandomName(rank), out var entry))
        {
            return false;
        }

        var bytes = new byte[entry.End - entry.Begin];
        file.Read(RandomName(rank), "U8", entry.Shape, bytes);
        using var state = tensor(bytes);
        random.set_rng_state(state);
        return true;
    }

    private static List<StoredTensor> ModelTensors(FlatModel model)
        =>
        [
            .. model.Slots.Select(slot => new StoredTensor(slot.Name, "F32", slot.Shape,
                () => MemoryMarshal.AsBytes(model.Values.Slice(slot.Offset, slot.Count)))),
            .. model.OtherState.Select(other => new StoredTensor(other.Name, TypeName(other.Tensor.dtype), other.Tensor.shape,
                () => TensorMemory.Bytes(other.Tensor))),
        ];

    private static List<StoredTensor> OptimizerTensors(FlatModel model, IReadOnlyDictionary<string, float[]> optimizerState)
        => [.. from state in optimizerState
               from slot in model.Slots
               select new StoredTensor($"{state.Key}/{slot.Name}", "F32", slot.Shape,
                   () => MemoryMarshal.AsBytes(state.Value.AsSpan(slot.Offset, slot.Count)))];

    private static string CompressionFile(int rank) => string.Create(CultureInfo.InvariantCulture, $"compression-rank-{rank}.safetensors");

    private static string RandomName(int rank) => string.Create(CultureInfo.InvariantCulture, $"rank-{rank}");

    private static string TypeName(ScalarType type) => type switch
    {
        ScalarType.Float32 => "F32",
        ScalarType.Float64 => "F64",
        ScalarType.Float16 => "F16",
        ScalarType.BFloat16 => "BF16",
        ScalarType.Int64 => "I64",
        ScalarType.Int32 => "I32",
        ScalarType.Int16 => "I16",
        ScalarType.Int8 => "I8",
        ScalarType.Byte => "U8",
        ScalarType.Bool => "BOOL",
        _ => throw new CheckpointException($"a tensor of type {type} cannot be stored in a checkpoint; use a real or integer type."),
    };
}

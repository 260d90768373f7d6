namespace HpcTrain.Training.Checkpoints;

/// <summary>What a safetensors header says of one tensor.</summary>
/// <param name="Type">Element type, as "F32".</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte after the last.</param>
public sealed record SafeTensorsEntry(string Type, IReadOnlyList<long> Shape, long Begin, long End);

/// <summary>An open safetensors file; see <see cref="SafeTensors.Open"/>. Not thread-safe.</summary>
public sealed class SafeTensorsFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _path;
    private readonly long _dataStart;

    internal SafeTensorsFile(string path, FileStream stream, Dictionary<string, SafeTensorsEntry> entries, long dataStart)
    {
        _path = path;
        _stream = stream;
        _dataStart = dataStart;
        Entries = entries;
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafeTensorsEntry> Entries { get; }

    /// <summary>Reads a tensor's bytes into <paramref name="destination"/>, which must have exactly their length.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or its type or shape is another one.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void Read(string name, string type, IReadOnlyList<long> shape, Span<byte> destination)
    {
        if (!Entries.TryGetValue(name, out var entry))
        {
            throw new CheckpointException(
                $"{_path} has no tensor {name}: it was written for another model; resume with the model that wrote it.");
        }

        if (entry.Type != type || !entry.Shape.SequenceEqual(shape))
        {
            throw new CheckpointException(
                $"{_path} holds {name} as {entry.Type} [{string.Join(", ", entry.Shape)}], this model has {type} [{string.Join(", ", shape)}]: "
                + "it was written for another model; resume with the model that wrote it.");
        }

        _stream.Position = _dataStart + entry.Begin;
        _stream.ReadExactly(destination);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}

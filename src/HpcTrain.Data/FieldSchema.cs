using System.Text.Json.Serialization;
using HpcTrain.Kernels;

namespace HpcTrain.Data;

/// <summary>One field of a dataset: what every sample holds under this name.</summary>
/// <param name="Name">Letters, digits, '_', '-' and '.'; unique in its dataset.</param>
/// <param name="Type">The type of one element as stored.</param>
/// <param name="Shape">The shape of one sample, outermost axis first; empty for a single number.</param>
public sealed record FieldSchema(string Name, ElementType Type, IReadOnlyList<long> Shape)
{
    /// <summary>Samples in one chunk of the shard files; the last chunk of a shard may hold fewer. 0: the writer
    /// chooses.</summary>
    [JsonPropertyName("chunk")]
    public int ChunkSamples { get; init; }

    /// <summary>Elements of one sample: the product of <see cref="Shape"/>.</summary>
    [JsonIgnore]
    public long ElementsPerSample => Shape.Aggregate(1L, (product, extent) => checked(product * extent));

    /// <summary>Bytes of one sample, uncompressed.</summary>
    [JsonIgnore]
    public long BytesPerSample => checked(ElementsPerSample * Type.SizeInBytes());

    /// <summary>For people: "image u8 [1,28,28]".</summary>
    public override string ToString() => $"{Name} {Type.Name()} [{string.Join(',', Shape)}]";

    /// <summary>Equal name, type, shape and chunk.</summary>
    public bool Equals(FieldSchema? other) =>
        other is not null && Name == other.Name && Type == other.Type && ChunkSamples == other.ChunkSamples
        && Shape.SequenceEqual(other.Shape);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, ChunkSamples, Shape.Count);

    /// <summary>Checks the name and the shape of a field that a caller or a file describes.</summary>
    /// <exception cref="DatasetException">A name or extent that no shard can hold.</exception>
    internal void Validate(string where)
    {
        if (Name.Length is 0 or > 200 || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') || Name.All(c => c == '.'))
            throw new DatasetException($"{where}: '{Name}' is no field name; use letters, digits, '_', '-' and '.'.");
        if (Shape.Count > 30 || Shape.Any(extent => extent < 1))
            throw new DatasetException(
                $"{where}: field '{Name}' has the shape [{string.Join(',', Shape)}]; every extent must be 1 or more, with " +
                "at most 30 axes.");
        if (ElementsPerSampleOrMax() > int.MaxValue / Type.SizeInBytes())
            throw new DatasetException(
                $"{where}: one sample of field '{Name}' is larger than 2 GiB; split it into several fields.");
    }

    private double ElementsPerSampleOrMax() => Shape.Aggregate(1.0, (product, extent) => product * extent);
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HpcTrain.Slurm;

/// <summary>How many nodes a job takes: a number, or from a least to a most number, of which Slurm gives as many as are free.</summary>
/// <param name="Least">The least number, at least 1.</param>
/// <param name="Most">The most, at least <paramref name="Least"/>.</param>
[JsonConverter(typeof(NodeRangeConverter))]
public readonly record struct NodeRange(int Least, int Most)
{
    /// <summary>Reads "4" or "2-4".</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="SlurmException">It is neither.</exception>
    public static NodeRange Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] bounds = text.Split('-');
        return bounds.Length <= 2 && Number(bounds[0]) is { } least && Number(bounds[^1]) is { } most && least >= 1 && most >= least
            ? new(least, most)
            : throw new SlurmException(SlurmFault.Specification, $"'{text}' is no number of nodes: 4 or 2-4 is expected");

        static int? Number(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }

    /// <summary>As Slurm and <see cref="Parse"/> read it.</summary>
    public override string ToString() => Least == Most
        ? Least.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Least}-{Most}");
}

/// <summary>A number or a text in JSON.</summary>
internal sealed class NodeRangeConverter : JsonConverter<NodeRange>
{
    public override NodeRange Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetInt32(out int nodes) => NodeRange.Parse(nodes.ToString(CultureInfo.InvariantCulture)),
        JsonTokenType.String => NodeRange.Parse(reader.GetString()!),
        _ => throw new SlurmException(SlurmFault.Specification, "nodes is neither a number nor a text: 4 or \"2-4\" is expected"),
    };

    public override void Write(Utf8JsonWriter writer, NodeRange value, JsonSerializerOptions options)
    {
        if (value.Least == value.Most)
            writer.WriteNumberValue(value.Least);
        else
            writer.WriteStringValue(value.ToString());
    }
}

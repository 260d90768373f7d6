using System.Text.Json;
using System.Text.Json.Serialization;

namespace HpcTrain.Slurm;

/// <summary>Names with texts in JSON, where numbers may stand as they are, and true for an option without a value; what is false or null is not there.</summary>
internal sealed class TextValuesConverter : JsonConverter<IReadOnlyDictionary<string, string>>
{
    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(JsonElement.ParseValue(ref reader));

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach ((string name, string text) in value)
            writer.WriteString(name, text);
        writer.WriteEndObject();
    }

    public static IReadOnlyDictionary<string, string> Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new JsonException($"names and values in braces are expected, not {element.GetRawText()}");
        var values = new Dictionary<string, string>();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (Text(property.Name, property.Value) is { } text)
                values[property.Name] = text;
        }
        return values;
    }

    /// <summary>The text of a value; null for one that is not there.</summary>
    public static string? Text(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "",
        JsonValueKind.False or JsonValueKind.Null => null,
        _ => throw new JsonException($"{name} must be a text or a number, not {value.GetRawText()}"),
    };
}

/// <summary>A list of <see cref="TextValuesConverter"/>'s.</summary>
internal sealed class TextValuesListConverter : JsonConverter<IReadOnlyList<IReadOnlyDictionary<string, string>>>
{
    private static readonly TextValuesConverter s_one = new();

    public override IReadOnlyList<IReadOnlyDictionary<string, string>> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        JsonElement list = JsonElement.ParseValue(ref reader);
        return list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(TextValuesConverter.Read)]
            : throw new JsonException("parameters must be a list");
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<IReadOnlyDictionary<string, string>> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (IReadOnlyDictionary<string, string> task in value)
            s_one.Write(writer, task, options);
        writer.WriteEndArray();
    }
}

using System.Text.Json;

namespace HpcTrain.Pipelines.Files;

/// <summary>A value in a JSON file that knows where it stands, so that errors can name the place. Comments and trailing commas are allowed.</summary>
internal sealed class JsonPlace
{
    private readonly JsonElement _element;
    private readonly string _path;

    private JsonPlace(JsonElement element, string path) => (_element, _path) = (element, path);

    /// <summary>Reads a file whose format and version are named in it.</summary>
    /// <param name="text">What stands in the file.</param>
    /// <param name="what">What it should be, for errors, as "the schedule".</param>
    /// <param name="format">The name of the format.</param>
    /// <param name="version">The newest version that is known.</param>
    /// <param name="read">Makes what the file says of its top.</param>
    /// <exception cref="PipelineException">It is not JSON, or something in it is wrong; the message names the place.</exception>
    public static T Read<T>(string text, string what, string format, int version, Func<JsonPlace, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var top = new JsonPlace(document.RootElement, "");
            if (top["format"].Text() is var named && named != format)
                throw top["format"].Wrong($"'{named}' is not '{format}'");
            if (top["version"].Integer() is var number && (number < 1 || number > version))
                throw top["version"].Wrong($"version {number} is not known here; the newest is {version}");
            return read(top);
        }
        catch (JsonException error)
        {
            int cut = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            string fault = error.LineNumber is { } line && cut >= 0 ? $"line {line + 1}: {error.Message[..cut]}" : error.Message;
            throw new PipelineException($"{what} is not valid JSON: {fault}", error);
        }
    }

    /// <summary>The property of that name, which must be there.</summary>
    public JsonPlace this[string name] => Optional(name) ?? throw Wrong($"'{name}' is missing");

    /// <summary>The property of that name, or null.</summary>
    public JsonPlace? Optional(string name)
    {
        Require(JsonValueKind.Object, "an object");
        return _element.TryGetProperty(name, out JsonElement value) ? new(value, _path.Length == 0 ? name : $"{_path}.{name}") : null;
    }

    /// <summary>The elements of an array.</summary>
    public IEnumerable<JsonPlace> Items()
    {
        Require(JsonValueKind.Array, "an array");
        return _element.EnumerateArray().Select((item, index) => new JsonPlace(item, $"{_path}[{index}]"));
    }

    public string Text()
    {
        Require(JsonValueKind.String, "a text");
        return _element.GetString()!;
    }

    public int Integer() => _element.ValueKind == JsonValueKind.Number && _element.TryGetInt32(out int value) ? value : throw Wrong("a whole number is expected");

    /// <summary>A whole number of bytes, 0 or more.</summary>
    public long Bytes() => _element.ValueKind == JsonValueKind.Number && _element.TryGetInt64(out long value) && value >= 0
        ? value : throw Wrong("a number of bytes is expected, 0 or more");

    /// <summary>A finite number, 0 or more.</summary>
    public double Amount() => _element.ValueKind == JsonValueKind.Number && _element.GetDouble() is var value && double.IsFinite(value) && value >= 0
        ? value : throw Wrong("a number is expected, 0 or more");

    /// <summary>Refuses names that mean nothing: a misspelt option must not be ignored.</summary>
    public void CheckNames(params ReadOnlySpan<string> known)
    {
        Require(JsonValueKind.Object, "an object");
        foreach (JsonProperty property in _element.EnumerateObject())
        {
            if (!known.Contains(property.Name))
                throw Wrong($"'{property.Name}' is not known; the names here are {string.Join(", ", known!)}");
        }
    }

    /// <summary>An error at this value.</summary>
    public PipelineException Wrong(string what) => new($"At {(_path.Length == 0 ? "the top" : _path)}: {what}.");

    private void Require(JsonValueKind kind, string what)
    {
        if (_element.ValueKind != kind)
            throw Wrong($"{what} is expected");
    }
}

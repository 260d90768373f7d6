using System.Text.Json;

namespace HpcTrain.Collectives;

/// <summary>A value in a JSON file that knows where it stands, so that errors can name the place.</summary>
internal sealed class JsonPlace
{
    private readonly JsonElement _element;
    private readonly JsonPlace? _parent;
    private readonly string? _name;
    private readonly int _index;

    public JsonPlace(JsonElement root) => _element = root;

    /// <summary>What is wrong with a text that is not JSON, and where, as people count: <c>line 3: ...</c>.</summary>
    public static string Fault(JsonException error)
    {
        int cut = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return error.LineNumber is { } line && cut >= 0 ? $"line {line + 1}: {error.Message[..cut]}" : error.Message;
    }

    private JsonPlace(JsonElement element, JsonPlace parent, string? name, int index)
    {
        _element = element;
        _parent = parent;
        _name = name;
        _index = index;
    }

    /// <summary>The property of that name, which must be there.</summary>
    public JsonPlace this[string name] => Optional(name) ?? throw Wrong($"'{name}' is missing");

    public JsonPlace? Optional(string name)
    {
        Require(JsonValueKind.Object, "an object");
        return _element.TryGetProperty(name, out JsonElement value) ? new(value, this, name, 0) : null;
    }

    public IEnumerable<JsonPlace> Items()
    {
        Require(JsonValueKind.Array, "an array");
        int index = 0;
        foreach (JsonElement item in _element.EnumerateArray())
            yield return new(item, this, null, index++);
    }

    /// <summary>All properties of an object, in their order.</summary>
    public IEnumerable<(string Name, JsonPlace Value)> Members()
    {
        Require(JsonValueKind.Object, "an object");
        return _element.EnumerateObject().Select(property => (property.Name, new JsonPlace(property.Value, this, property.Name, 0)));
    }

    public string Text()
    {
        Require(JsonValueKind.String, "a text");
        return _element.GetString()!;
    }

    public int Integer() =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetInt32(out int value) ? value : throw Wrong("an integer is expected");

    public long Long() =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetInt64(out long value) ? value : throw Wrong("an integer is expected");

    public double Number() => _element.ValueKind == JsonValueKind.Number ? _element.GetDouble() : throw Wrong("a number is expected");

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

    public ScheduleException Wrong(string what) => new($"At {this}: {what}.");

    public override string ToString()
    {
        if (_parent == null)
            return "the top";
        string step = _name ?? $"[{_index}]";
        return _parent._parent == null ? step : _name == null ? $"{_parent}{step}" : $"{_parent}.{step}";
    }

    private void Require(JsonValueKind kind, string what)
    {
        if (_element.ValueKind != kind)
            throw Wrong($"{what} is expected");
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HpcTrain.Topology;

/// <summary>A value in a JSON file that knows its line, so that errors can name it. Comments and trailing commas are allowed, names that come twice are not.</summary>
internal sealed class JsonPlace
{
    private readonly string _file;
    private readonly int _line;
    private readonly JsonTokenType _kind;
    private readonly string _text;
    private readonly List<JsonPlace> _items = [];
    private readonly Dictionary<string, JsonPlace> _members = [];

    private JsonPlace(string file, int line, JsonTokenType kind, string text) => (_file, _line, _kind, _text) = (file, line, kind, text);

    /// <summary>Whether it is a text.</summary>
    public bool IsText => _kind == JsonTokenType.String;

    /// <summary>Whether it is a number.</summary>
    public bool IsNumber => _kind == JsonTokenType.Number;

    /// <summary>Whether it is an array.</summary>
    public bool IsArray => _kind == JsonTokenType.StartArray;

    /// <summary>The elements of an array.</summary>
    public IReadOnlyList<JsonPlace> Items => _kind == JsonTokenType.StartArray ? _items : throw Wrong("An array is expected");

    /// <summary>The text of a string or, as it stands in the file, of a number.</summary>
    public string Raw => _text;

    /// <summary>The property of that name, which must be there.</summary>
    public JsonPlace this[string name] => Optional(name) ?? throw Wrong($"'{name}' is missing");

    /// <summary>The value of a file.</summary>
    /// <exception cref="TopologyException">It is not JSON.</exception>
    public static JsonPlace Parse(string text, string file)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        var lines = new LineCounter(bytes);
        try
        {
            reader.Read();
            JsonPlace root = ReadValue(ref reader, lines, file);
            reader.Read(); // to find what follows
            return root;
        }
        catch (JsonException error)
        {
            int cut = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            throw new TopologyException(file, (error.LineNumber ?? 0) + 1, $"This is not valid JSON: {(cut < 0 ? error.Message : error.Message[..cut])}");
        }
    }

    /// <summary>The property of that name, or null.</summary>
    public JsonPlace? Optional(string name) => _kind == JsonTokenType.StartObject ? _members.GetValueOrDefault(name) : throw Wrong("An object is expected");

    /// <summary>The value as a text.</summary>
    public string Text() => IsText ? _text : throw Wrong("A text is expected");

    /// <summary>The value as a whole number.</summary>
    public int Integer() => IsNumber && int.TryParse(_text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
        ? value : throw Wrong("A whole number is expected");

    /// <summary>The value as true or false.</summary>
    public bool Boolean() => _kind is JsonTokenType.True or JsonTokenType.False ? _kind == JsonTokenType.True : throw Wrong("true or false is expected");

    /// <summary>Refuses names that mean nothing: a misspelt option must not be ignored.</summary>
    public void CheckNames(params ReadOnlySpan<string> known)
    {
        if (_kind != JsonTokenType.StartObject)
            throw Wrong("An object is expected");
        foreach ((string name, JsonPlace value) in _members)
        {
            if (!known.Contains(name))
                throw value.Wrong($"'{name}' is not known; the names here are {string.Join(", ", known!)}");
        }
    }

    /// <summary>An error at this value.</summary>
    public TopologyException Wrong(string what) => new(_file, _line, $"{what}.");

    private static JsonPlace ReadValue(ref Utf8JsonReader reader, LineCounter lines, string file)
    {
        string text = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => "",
        };
        var place = new JsonPlace(file, lines.LineAt(reader.TokenStartIndex), reader.TokenType, text);
        while (place._kind == JsonTokenType.StartArray && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            place._items.Add(ReadValue(ref reader, lines, file));
        while (place._kind == JsonTokenType.StartObject && reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string name = reader.GetString()!;
            int line = lines.LineAt(reader.TokenStartIndex);
            reader.Read();
            if (!place._members.TryAdd(name, ReadValue(ref reader, lines, file)))
                throw new TopologyException(file, line, $"'{name}' is given twice.");
        }

        return place;
    }

    /// <summary>Counts lines up to places that only move on.</summary>
    private sealed class LineCounter(byte[] text)
    {
        private int _line = 1;
        private int _at;

        public int LineAt(long place)
        {
            _line += text.AsSpan(_at, (int)place - _at).Count((byte)'\n');
            _at = (int)place;
            return _line;
        }
    }
}

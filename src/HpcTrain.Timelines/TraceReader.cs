using System.Text.Json;
using HpcTrain.Runs;

namespace HpcTrain.Timelines;

/// <summary>Reads the events of a timeline one by one, also of one whose writer was killed: then what is whole.</summary>
internal sealed class TraceReader(Stream stream, string name)
{
    private const int FirstBufferBytes = 1 << 16;
    private readonly Queue<JsonElement> _events = new();
    private JsonReaderState _state;
    private bool _hasBegun;
    private bool _hasEnded;

    /// <summary>Whether the end of the file is missing, once all events are read.</summary>
    public bool IsCut => !_hasEnded;

    /// <summary>The events in the file's order.</summary>
    /// <exception cref="RunException">It is no timeline, or cannot be read.</exception>
    public IEnumerable<JsonElement> Events()
    {
        byte[] buffer = new byte[FirstBufferBytes];
        int filled = 0, read;
        do
        {
            if (filled == buffer.Length)
                Array.Resize(ref buffer, 2 * buffer.Length);
            filled += read = Fill(buffer.AsSpan(filled));
            int used = Take(buffer.AsSpan(0, filled));
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
            while (_events.TryDequeue(out JsonElement one))
                yield return one;
        }
        while (read > 0 && !_hasEnded);
        if (!_hasBegun)
            throw new RunException($"{name} is no timeline: it has no array \"traceEvents\"; give files that hpctrain wrote, as timeline/rank-0.json.");
    }

    private int Fill(Span<byte> free)
    {
        try
        {
            return stream.Read(free);
        }
        catch (Exception error) when (RunException.IsIo(error))
        {
            throw RunException.FromIo("read the timeline", name, error);
        }
    }

    /// <summary>Takes the whole events of what has been read.</summary>
    /// <returns>The bytes that are done with.</returns>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, _state);
        try
        {
            while (!_hasBegun && reader.Read())
                _hasBegun = reader is { TokenType: JsonTokenType.StartArray, CurrentDepth: 1 };
            while (_hasBegun && !_hasEnded)
            {
                Utf8JsonReader ahead = reader;
                if (!ahead.Read())
                    break;
                _hasEnded = ahead.TokenType == JsonTokenType.EndArray;
                if (_hasEnded || !JsonElement.TryParseValue(ref ahead, out JsonElement? one))
                    break;
                _events.Enqueue(one.Value);
                reader = ahead;
            }
        }
        catch (JsonException error)
        {
            throw new RunException($"{name} is no timeline: {error.Message.TrimEnd('.')}; give files that hpctrain wrote, as timeline/rank-0.json.", error);
        }

        _state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }
}

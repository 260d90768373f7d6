using System.Text.Json;

namespace HpcTrain.Runs;

/// <summary>
/// Writes a timeline as Chrome's Trace Event Format (JSON object form), which Perfetto and chrome://tracing open as it is. Events go to the stream one by one, so
/// that a timeline may be longer than memory.
/// </summary>
/// <remarks>
/// A process is a row of rows (a rank, or a node), a thread a row in it (a lane, a link, a communication thread). Times are microseconds from any common zero,
/// fractions allowed. Not for several threads at once.
/// </remarks>
public sealed class ChromeTraceWriter : IDisposable
{
    private const int FlushBytes = 1 << 16;
    private readonly Stream _stream;
    private readonly Utf8JsonWriter _json;

    /// <summary>Begins a timeline. The stream stays the caller's.</summary>
    public ChromeTraceWriter(Stream stream)
    {
        _stream = stream;
        _json = new Utf8JsonWriter(stream);
        _json.WriteStartObject();
        _json.WriteString("displayTimeUnit", "ns");
        _json.WriteStartArray("traceEvents");
    }

    /// <summary>Names a process; processes are shown by their numbers' order.</summary>
    public void NameProcess(int process, string name)
    {
        Metadata("process_name", process, 0, "name", name);
        _json.WriteStartObject();
        Ends("M", "process_sort_index", process, 0);
        _json.WriteStartObject("args");
        _json.WriteNumber("sort_index", process);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    /// <summary>Names a thread of a process.</summary>
    public void NameThread(int process, int thread, string name) => Metadata("thread_name", process, thread, "name", name);

    /// <summary>Something that lasts.</summary>
    /// <param name="process">The process that it belongs to.</param>
    /// <param name="thread">The thread in the process.</param>
    /// <param name="name">What is written on it.</param>
    /// <param name="category">What viewers filter by; they colour by name.</param>
    /// <param name="start">When it begins, in microseconds.</param>
    /// <param name="duration">How long it lasts, in microseconds.</param>
    /// <param name="details">What a viewer shows when it is chosen: numbers, truth values, and anything else as text.</param>
    public void Span(int process, int thread, string name, string category, double start, double duration, params ReadOnlySpan<(string Key, object Value)> details)
    {
        _json.WriteStartObject();
        Ends("X", name, process, thread);
        _json.WriteString("cat", category);
        _json.WriteNumber("ts", start);
        _json.WriteNumber("dur", duration);
        if (details.Length > 0)
            Details(details);
        _json.WriteEndObject();
        FlushIfMuch();
    }

    /// <summary>Something that happens at a moment.</summary>
    /// <inheritdoc cref="Span" path="/param"/>
    public void Instant(int process, int thread, string name, string category, double start, params ReadOnlySpan<(string Key, object Value)> details)
    {
        _json.WriteStartObject();
        Ends("i", name, process, thread);
        _json.WriteString("cat", category);
        _json.WriteNumber("ts", start);
        _json.WriteString("s", "t");
        if (details.Length > 0)
            Details(details);
        _json.WriteEndObject();
        FlushIfMuch();
    }

    /// <summary>The value of something that changes, from this time on: drawn as a curve of the process.</summary>
    public void Counter(int process, string name, double time, string series, double value)
    {
        _json.WriteStartObject();
        Ends("C", name, process, 0);
        _json.WriteNumber("ts", time);
        _json.WriteStartObject("args");
        _json.WriteNumber(series, value);
        _json.WriteEndObject();
        _json.WriteEndObject();
        FlushIfMuch();
    }

    /// <summary>Hands what there is to the stream, so that it is not lost when the process is killed.</summary>
    public void Flush()
    {
        _json.Flush();
        _stream.Flush();
    }

    /// <summary>Ends the timeline and hands all of it to the stream.</summary>
    public void Dispose()
    {
        if (_json.CurrentDepth > 0)
        {
            _json.WriteEndArray();
            _json.WriteEndObject();
        }

        _json.Dispose();
        _stream.Flush();
    }

    private void Metadata(string kind, int process, int thread, string key, string value)
    {
        _json.WriteStartObject();
        Ends("M", kind, process, thread);
        _json.WriteStartObject("args");
        _json.WriteString(key, value);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void Ends(string phase, string name, int process, int thread)
    {
        _json.WriteString("ph", phase);
        _json.WriteString("name", name);
        _json.WriteNumber("pid", process);
        _json.WriteNumber("tid", thread);
    }

    private void Details(ReadOnlySpan<(string Key, object Value)> details)
    {
        _json.WriteStartObject("args");
        foreach ((string key, object value) in details)
        {
            switch (value)
            {
                case bool truth:
                    _json.WriteBoolean(key, truth);
                    break;
                case int or long:
                    _json.WriteNumber(key, Convert.ToInt64(value));
                    break;
                case double number when double.IsFinite(number):
                    _json.WriteNumber(key, number);
                    break;
                default:
                    _json.WriteString(key, FormattableString.Invariant($"{value}"));
                    break;
            }
        }

        _json.WriteEndObject();
    }

    private void FlushIfMuch()
    {
        if (_json.BytesPending > FlushBytes)
            _json.Flush();
    }
}

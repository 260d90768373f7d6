using System.Text.Json;

namespace HpcTrain.Runs.Tests;

public class ChromeTraceWriterTests
{
    private static JsonElement[] Events(Action<ChromeTraceWriter> write)
    {
        using var stream = new MemoryStream();
        using (var trace = new ChromeTraceWriter(stream))
            write(trace);
        return [.. JsonDocument.Parse(stream.ToArray()).RootElement.GetProperty("traceEvents").EnumerateArray()];
    }

    [Test]
    public void An_empty_timeline_is_whole() => Assert.That(Events(_ => { }), Is.Empty);

    [Test]
    public void A_span_says_where_when_and_what()
    {
        JsonElement span = Events(trace => trace.Span(3, 1, "allreduce", "collective", 12.5, 0.25, ("bytes", 4096L), ("algorithm", "ring"), ("in_place", true), ("rate", 1.5))).Single();
        JsonElement details = span.GetProperty("args");
        Assert.Multiple(() =>
        {
            Assert.That(span.GetProperty("ph").GetString(), Is.EqualTo("X"));
            Assert.That(span.GetProperty("name").GetString(), Is.EqualTo("allreduce"));
            Assert.That(span.GetProperty("cat").GetString(), Is.EqualTo("collective"));
            Assert.That((span.GetProperty("pid").GetInt32(), span.GetProperty("tid").GetInt32()), Is.EqualTo((3, 1)));
            Assert.That((span.GetProperty("ts").GetDouble(), span.GetProperty("dur").GetDouble()), Is.EqualTo((12.5, 0.25)));
            Assert.That(details.GetProperty("bytes").GetInt64(), Is.EqualTo(4096));
            Assert.That(details.GetProperty("algorithm").GetString(), Is.EqualTo("ring"));
            Assert.That(details.GetProperty("in_place").GetBoolean(), Is.True);
            Assert.That(details.GetProperty("rate").GetDouble(), Is.EqualTo(1.5));
        });
    }

    [Test]
    public void Numbers_that_JSON_lacks_are_text() =>
        Assert.That(Events(trace => trace.Instant(0, 0, "x", "c", 0, ("rate", double.NaN)))[0].GetProperty("args").GetProperty("rate").GetString(), Is.EqualTo("NaN"));

    [Test]
    public void Processes_and_threads_have_names()
    {
        JsonElement[] events = Events(trace =>
        {
            trace.NameProcess(2, "rank 2");
            trace.NameThread(2, 1, "lane 1");
        });
        Assert.That(
            events.Select(one => (one.GetProperty("name").GetString(), one.GetProperty("tid").GetInt32(), one.GetProperty("args").EnumerateObject().Single().Value.ToString())),
            Is.EqualTo(new[] { ("process_name", 0, "rank 2"), ("process_sort_index", 0, "2"), ("thread_name", 1, "lane 1") }));
    }

    [Test]
    public void Counters_have_a_value_from_a_time_on()
    {
        JsonElement counter = Events(trace => trace.Counter(1, "in flight", 7, "bytes", 64)).Single();
        Assert.That((counter.GetProperty("ph").GetString(), counter.GetProperty("ts").GetDouble(), counter.GetProperty("args").GetProperty("bytes").GetDouble()), Is.EqualTo(("C", 7.0, 64.0)));
    }

    [Test]
    public void Events_reach_the_stream_while_the_timeline_grows()
    {
        using var stream = new MemoryStream();
        using var trace = new ChromeTraceWriter(stream);
        for (int i = 0; i < 10_000; i++)
            trace.Span(0, 0, "step", "step", i, 1);
        Assert.That(stream.Length, Is.GreaterThan(500_000));
    }
}

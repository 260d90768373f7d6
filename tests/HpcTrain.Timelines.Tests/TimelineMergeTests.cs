using System.Diagnostics;
using System.Text;
using System.Text.Json;
using HpcTrain.Runs;

namespace HpcTrain.Timelines.Tests;

/// <summary>One timeline of several: clocks, ranks, and files that are cut or no timelines.</summary>
public sealed class TimelineMergeTests
{
    private static TimelineSource Source(string name, byte[] bytes) => new(name, () => new MemoryStream(bytes));

    /// <summary>The file of a rank, whose clock readings are given, with spans at given microseconds.</summary>
    private static byte[] Rank(int rank, ClockReading[] readings, params (double Start, double Duration)[] spans)
    {
        var stream = new MemoryStream();
        using (var trace = new ChromeTraceWriter(stream))
        {
            trace.NameProcess(rank, $"rank {rank}");
            trace.NameThread(rank, 1, "collectives");
            foreach (ClockReading reading in readings)
                trace.Instant(rank, 0, "clock", "clock", reading.At, ("offset_us", reading.Offset), ("round_trip_us", reading.RoundTrip));
            foreach ((double start, double duration) in spans)
                trace.Span(rank, 1, "allreduce ring", "collective", start, duration, ("bytes", 4096L), ("why", "asked for"), ("rate", 1.5), ("in_place", true));
        }

        return stream.ToArray();
    }

    private static (MergedTimeline Merged, JsonElement[] Events) Merge(params TimelineSource[] sources)
    {
        var output = new MemoryStream();
        MergedTimeline merged = TimelineMerge.Write(output, sources);
        return (merged, [.. JsonDocument.Parse(output.ToArray()).RootElement.GetProperty("traceEvents").EnumerateArray()]);
    }

    private static (int Rank, double Start, double Duration)[] Spans(IEnumerable<JsonElement> events) =>
    [
        .. events.Where(one => one.GetProperty("ph").GetString() == "X")
            .Select(one => (one.GetProperty("pid").GetInt32(), one.GetProperty("ts").GetDouble(), one.GetProperty("dur").GetDouble())),
    ];

    [Test]
    public void Times_become_those_of_rank_0()
    {
        (MergedTimeline merged, JsonElement[] events) = Merge(
            Source("a", Rank(0, [new(0, 0, 0)], (1000, 10))), Source("b", Rank(1, [new(0, 250.5, 4)], (1000, 10))));
        Assert.That(Spans(events), Is.EqualTo(new[] { (0, 1000.0, 10.0), (1, 1250.5, 10.0) }));
        Assert.That((merged.Ranks, merged.Events, merged.Cut), Is.EqualTo((2, 4L, Array.Empty<string>())));
        Assert.That(events, Has.All.Matches<JsonElement>(one => one.TryGetProperty("ph", out _) && one.TryGetProperty("pid", out _) && one.TryGetProperty("tid", out _)));
    }

    [Test]
    public void Drift_is_spread_along_the_run()
    {
        // The clock gains 100 us on rank 0's over 1000 us: in the middle it is 50 us off, and what lasts 100 there took 90.
        (_, JsonElement[] events) = Merge(Source("b", Rank(1, [new(0, 0, 1), new(1000, -100, 1)], (500, 100), (2000, 10))));
        Assert.That(Spans(events), Is.EqualTo(new[] { (1, 450.0, 90.0), (1, 1900.0, 10.0) }));
    }

    [Test]
    public void Names_and_details_stay()
    {
        (_, JsonElement[] events) = Merge(Source("a", Rank(3, [new(0, 0, 0)], (5, 1))));
        JsonElement span = events.Single(one => one.GetProperty("ph").GetString() == "X");
        Assert.That(span.GetProperty("args").ToString(), Is.EqualTo("""{"bytes":4096,"why":"asked for","rate":1.5,"in_place":true}"""));
        Assert.That(events.Where(one => one.GetProperty("ph").GetString() == "M").Select(one => one.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "process_name", "process_sort_index", "thread_name" }));
    }

    [Test]
    public void Of_a_file_cut_anywhere_the_whole_events_are_taken()
    {
        (double, double)[] spans = [.. Enumerable.Range(0, 20).Select(i => (10.0 * i, 5.0))];
        byte[] whole = Rank(1, [new(0, 0, 0)], spans);
        int first = Encoding.UTF8.GetString(whole).IndexOf("\"X\"", StringComparison.Ordinal);
        int before = 0;
        for (int length = first; length < whole.Length; length++)
        {
            (MergedTimeline merged, JsonElement[] events) = Merge(Source("cut", whole[..length]));
            (int, double, double)[] left = Spans(events);
            Assert.That(left, Is.EqualTo(spans.Take(left.Length).Select(span => (1, span.Item1, span.Item2))));
            Assert.That(left, Has.Length.GreaterThanOrEqualTo(before).And.Length.LessThanOrEqualTo(before + 1), $"cut at {length}");
            before = left.Length;
            if (length < whole.Length - 1)
                Assert.That(merged.Cut, Is.EqualTo(new[] { "cut" }));
        }

        Assert.That(before, Is.EqualTo(20));
    }

    [TestCase("", "is no timeline")]
    [TestCase("{\"displayTimeUnit\":\"ns\"}", "is no timeline")]
    [TestCase("hello", "is no timeline")]
    [TestCase("{\"traceEvents\":[}", "is no timeline")]
    [TestCase("{\"traceEvents\":[]}", "has no reading of the common clock")]
    [TestCase("{\"traceEvents\":[{\"ph\":\"i\",\"cat\":\"clock\",\"ts\":0,\"args\":{\"offset_us\":0}}]}", "holds an event that hpctrain did not write")]
    public void What_is_no_timeline_is_refused_by_name(string content, string expected) =>
        Assert.That(() => Merge(Source("mine.json", Encoding.UTF8.GetBytes(content))), Throws.TypeOf<RunException>().With.Message.StartsWith("mine.json").And.Message.Contains(expected));

    [Test]
    public void Two_files_of_one_rank_are_refused() =>
        Assert.That(() => Merge(Source("a", Rank(1, [new(0, 0, 0)], (0, 1))), Source("b", Rank(1, [new(0, 0, 0)], (0, 1)))),
            Throws.TypeOf<RunException>().With.Message.EqualTo("a and b are both of rank 1; give one file for each rank."));

    [Test]
    public void The_quickest_round_is_the_reading() => Assert.That(
        ClockAlignment.Best([new(0, 900, 300), new(400, 1005, 410), new(500, 1130, 560)]), Is.EqualTo(new ClockReading(405, 600, 10)));

    [Test]
    public void What_is_inside_in_ticks_is_inside_after_merging()
    {
        var stream = new MemoryStream();
        var timeline = new RankTimeline(stream, 2, "here");
        int row = timeline.Row("steps");
        timeline.Align(new(0, 17.3, 2));
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 1000; i++)
        {
            long from = start + (i * 1001), to = from + 1001;
            timeline.Span(row, "first", "part", from, from + 333);
            timeline.Span(row, "second", "part", from + 333, to);
            timeline.Span(row, "step", "step", from, to);
        }

        timeline.Align(new(timeline.Now + 1e6, -400.123, 2));
        timeline.Dispose();
        (_, JsonElement[] events) = Merge(Source("a", stream.ToArray()));
        Nesting.Check(events);
    }

    [Test]
    public void A_folder_without_timelines_is_refused()
    {
        string folder = Directory.CreateTempSubdirectory("hpctrain-timeline-").FullName;
        try
        {
            Assert.That(() => TimelineMerge.SourcesIn(folder), Throws.TypeOf<RunException>().With.Message.Contains($"there is no timeline in {folder}"));
            foreach (string name in (string[])["timeline", "timeline-2", "timeline-10"])
            {
                using var timeline = RankTimeline.Create(Path.Combine(folder, name), 0);
            }

            Assert.That(TimelineMerge.SourcesIn(folder).Select(source => source.Name), Is.EqualTo(new[] { Path.Combine(folder, "timeline-10", "rank-0.json") }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

using System.Globalization;
using System.Text.Json;
using HpcTrain.Runs;

namespace HpcTrain.Timelines;

/// <summary>The timeline of one rank, to be merged.</summary>
/// <param name="Name">What it is called in errors: its path.</param>
/// <param name="Open">Opens it; the stream can seek.</param>
public sealed record TimelineSource(string Name, Func<Stream> Open);

/// <summary>What was merged.</summary>
/// <param name="Ranks">The ranks.</param>
/// <param name="Events">The events written, those that only name things left out.</param>
/// <param name="Cut">The names of sources whose end was missing.</param>
public sealed record MergedTimeline(int Ranks, long Events, IReadOnlyList<string> Cut);

/// <summary>Makes one timeline of those of the ranks, by rank 0's clock: each rank is a process in it.</summary>
public sealed class TimelineMerge
{
    private readonly Dictionary<int, string> _ranks = [];
    private readonly List<string> _cut = [];
    private long _events;

    private TimelineMerge()
    {
    }

    /// <summary>The timelines of ranks in a folder, in the order of ranks: those of a run's last attempt, or the folder's own.</summary>
    /// <exception cref="RunException">There are none.</exception>
    public static IReadOnlyList<TimelineSource> SourcesIn(string folder)
    {
        try
        {
            string? latest = Directory.EnumerateDirectories(folder, "timeline*").MaxBy(path => (path.Length, path));
            string[] files = Directory.GetFiles(latest ?? folder, "rank-*.json");
            return files.Length > 0
                ? [.. files.OrderBy(path => (path.Length, path)).Select(FromFile)]
                : throw new RunException($"there is no timeline in {folder}: give the folder of a run that was started with --timeline, or its files rank-N.json.");
        }
        catch (Exception error) when (RunException.IsIo(error))
        {
            throw RunException.FromIo("read the timelines", folder, error);
        }
    }

    /// <summary>A timeline in a file.</summary>
    public static TimelineSource FromFile(string path) => new(path, () =>
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception error) when (RunException.IsIo(error))
        {
            throw RunException.FromIo("read the timeline", path, error);
        }
    });

    /// <summary>Merges timelines. Each source is opened once, in turn; a cut one gives what is whole of it.</summary>
    /// <param name="output">Where the result goes; it stays the caller's.</param>
    /// <param name="sources">One for each rank.</param>
    /// <exception cref="RunException">A source is no timeline, says nothing of the common clock, or is of the same rank as another.</exception>
    public static MergedTimeline Write(Stream output, IEnumerable<TimelineSource> sources)
    {
        var merge = new TimelineMerge();
        using var trace = new ChromeTraceWriter(output);
        foreach (TimelineSource source in sources)
            merge.Add(trace, source);
        return new(merge._ranks.Count, merge._events, merge._cut);
    }

    private void Add(ChromeTraceWriter trace, TimelineSource source)
    {
        using Stream stream = source.Open();
        ClockMap clock = ClockOf(stream, source.Name);
        stream.Position = 0;
        var reader = new TraceReader(stream, source.Name);
        try
        {
            foreach (JsonElement one in reader.Events())
                Copy(trace, one, clock, source.Name);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RunException($"{source.Name} holds an event that hpctrain did not write; give files that it wrote, as timeline/rank-0.json.", error);
        }

        if (reader.IsCut)
            _cut.Add(source.Name);
    }

    private static ClockMap ClockOf(Stream stream, string name)
    {
        var readings = new List<ClockReading>();
        foreach (JsonElement one in new TraceReader(stream, name).Events())
        {
            if (one.ValueKind == JsonValueKind.Object && one.TryGetProperty("cat", out JsonElement category) && category.ValueEquals(RankTimeline.ClockCategory)
                && one.TryGetProperty("args", out JsonElement details) && details.TryGetProperty(RankTimeline.OffsetDetail, out JsonElement offset))
                readings.Add(new(one.GetProperty("ts").GetDouble(), offset.GetDouble(), 0));
        }

        return readings.Count > 0
            ? new(readings)
            : throw new RunException($"{name} has no reading of the common clock: the rank ended before it was begun, or it is not a rank's file; leave it out.");
    }

    private void Copy(ChromeTraceWriter trace, JsonElement one, ClockMap clock, string source)
    {
        int process = one.GetProperty("pid").GetInt32(), thread = one.GetProperty("tid").GetInt32();
        if (!_ranks.TryAdd(process, source) && _ranks[process] != source)
            throw new RunException(string.Create(CultureInfo.InvariantCulture, $"{_ranks[process]} and {source} are both of rank {process}; give one file for each rank."));
        string phase = one.GetProperty("ph").GetString()!, name = one.GetProperty("name").GetString()!;
        if (phase == "M")
        {
            if (name == "process_name")
                trace.NameProcess(process, one.GetProperty("args").GetProperty("name").GetString()!);
            else if (name == "thread_name")
                trace.NameThread(process, thread, one.GetProperty("args").GetProperty("name").GetString()!);
            return;
        }

        double began = one.GetProperty("ts").GetDouble(), start = clock.ToCommon(began);
        _events++;
        switch (phase)
        {
            case "X":
                double duration = RankTimeline.Rounded(clock.ToCommon(began + one.GetProperty("dur").GetDouble()) - start);
                trace.Span(process, thread, name, one.GetProperty("cat").GetString()!, start, duration, DetailsOf(one));
                break;
            case "i":
                trace.Instant(process, thread, name, one.GetProperty("cat").GetString()!, start, DetailsOf(one));
                break;
            case "C":
                JsonProperty series = one.GetProperty("args").EnumerateObject().Single();
                trace.Counter(process, name, start, series.Name, series.Value.GetDouble());
                break;
            default:
                throw new FormatException($"phase '{phase}'");
        }
    }

    private static (string Key, object Value)[] DetailsOf(JsonElement one) => one.TryGetProperty("args", out JsonElement details)
        ? [.. details.EnumerateObject().Select(detail => (detail.Name, ValueOf(detail.Value)))]
        : [];

    private static object ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Number => value.TryGetInt64(out long whole) ? whole : value.GetDouble(),
        _ => value.GetString()!,
    };
}

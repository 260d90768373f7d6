using System.Globalization;
using System.Text;
using System.Text.Json;
using HpcTrain.Benchmarking;
using HpcTrain.Collectives;
using HpcTrain.Drawing;

namespace HpcTrain.Cli.Simulate;

/// <summary>Simulations as a table, as CSV, as JSON and as a chart.</summary>
internal static class SimulationReport
{
    private const string Head = "collective,topology,ranks,bytes,algorithm,time_us,algbw_gbs,busbw_gbs,messages,events,events_per_s,busiest_link,busy_share";

    public static string TableHead(int algorithmWidth) =>
        $"{"ranks",7}{"size",10}  {"algorithm".PadRight(algorithmWidth)}{"time (us)",14}{"algbw",10}{"busbw",10}{"messages",12}{"events/s",11}  busiest link\n";

    public static string TableLine(SimulatedRow row, int algorithmWidth)
    {
        var busiest = row.BusiestLink is { } link ? Invariant($"{link}, {100 * row.Result.BusyShare(row.Result.BusiestLink):0.#}% of the time") : "none";
        var line = Invariant($"{row.Schedule.Ranks,7}{ByteSize.Format(row.Bytes),10}  {row.Name.PadRight(algorithmWidth)}{Number(row.Microseconds),14}{Number(row.Algbw),10}{Number(row.Busbw),10}");
        return line + Invariant($"{row.Result.Messages,12}{Number(row.Result.EventsPerSecond),11}  {busiest}\n");
    }

    public static string Csv(IEnumerable<SimulatedRow> rows)
    {
        var text = new StringBuilder(Head).Append('\n');
        foreach (var row in rows)
        {
            var share = row.Result.BusiestLink < 0 ? 0 : row.Result.BusyShare(row.Result.BusiestLink);
            text.Append(Invariant($"{row.Schedule.Collective.Name()},\"{row.Graph.Name.Replace("\"", "\"\"")}\",{row.Schedule.Ranks},{row.Bytes},\"{row.Name}\",{row.Microseconds},"));
            text.Append(Invariant($"{row.Algbw},{row.Busbw},{row.Result.Messages},{row.Result.Events},{row.Result.EventsPerSecond:0},{row.BusiestLink},{share}\n"));
        }
        return text.ToString();
    }

    public static string Json(IEnumerable<SimulatedRow> rows)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("rows");
            foreach (var row in rows)
                WriteRow(json, row);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>The rate against what differs: ranks where there are several numbers of them, else sizes.</summary>
    public static string Chart(IReadOnlyList<SimulatedRow> rows)
    {
        var overRanks = rows.Select(row => row.Schedule.Ranks).Distinct().Count() > 1;
        Series[] LinesOf(Func<SimulatedRow, double> value) =>
        [
            .. rows.GroupBy(row => overRanks && rows.Select(each => each.Bytes).Distinct().Count() > 1 ? $"{row.Name}, {ByteSize.Format(row.Bytes)}" : row.Name)
                .Select(line => new Series(line.Key, [.. line.Select(row => new DataPoint(overRanks ? row.Schedule.Ranks : row.Bytes, value(row)))])),
        ];
        var x = overRanks ? Axis.Log("ranks", Unit.Count) : Axis.Bytes("size");
        return new ChartPage
        {
            Title = $"{rows[0].Schedule.Collective.Name()} on {rows[0].Graph.Name}",
            Subtitle = "simulated",
            Width = 1080,
            Panels =
            [
                new LineChart { Title = "time", X = x, Y = Axis.Log("time", Unit.Microseconds), Series = LinesOf(row => row.Microseconds) },
                new LineChart { Title = "bus bandwidth", X = x, Y = Axis.Linear("bus bandwidth", Unit.GigabytesPerSecond), Series = LinesOf(row => row.Busbw) },
            ],
        }.ToSvg();
    }

    private static void WriteRow(Utf8JsonWriter json, SimulatedRow row)
    {
        json.WriteStartObject();
        json.WriteString("collective", row.Schedule.Collective.Name());
        json.WriteString("topology", row.Graph.Name);
        json.WriteString("fingerprint", row.Graph.Fingerprint);
        json.WriteNumber("ranks", row.Schedule.Ranks);
        json.WriteNumber("bytes", row.Bytes);
        json.WriteString("algorithm", row.Name);
        json.WriteNumber("time_us", row.Microseconds);
        json.WriteNumber("algbw_gbs", row.Algbw);
        json.WriteNumber("busbw_gbs", row.Busbw);
        json.WriteNumber("messages", row.Result.Messages);
        json.WriteNumber("events", row.Result.Events);
        json.WriteNumber("events_per_s", row.Result.EventsPerSecond);
        json.WriteStartArray("links");
        for (var link = 0; link < row.Result.Links.Length; link++)
        {
            if (row.Result.Links[link] is { Bytes: > 0 } use)
            {
                json.WriteStartObject();
                json.WriteString("link", row.NameOf(link));
                json.WriteNumber("bytes", use.Bytes);
                json.WriteNumber("busy_share", row.Result.BusyShare(link));
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Number(double value) => value switch
    {
        0 => "0",
        >= 1e6 => Invariant($"{value / 1e6:0.0}M"),
        >= 100 => Invariant($"{value:0.0}"),
        _ => value.ToString("G4", CultureInfo.InvariantCulture),
    };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

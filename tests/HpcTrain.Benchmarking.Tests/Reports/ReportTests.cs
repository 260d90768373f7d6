using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using HpcTrain.Benchmarking.Reports;

namespace HpcTrain.Benchmarking.Tests.Reports;

internal sealed class ReportTests
{
    private static readonly RunFacts s_facts = new()
    {
        Date = "2026-01-31T12:00:00Z",
        Program = "hpctrain 0.1.0",
        CommandLine = "hpctrain bench 'odd, \"name\"'",
        Cpu = "Some <CPU> & more",
        Cores = 2,
        Os = "Linux",
        Dotnet = "10.0.0",
        Kernels = "AVX2",
        Mpi = "Open MPI 4.1.4",
        MpiPath = "/usr/lib/libmpi.so",
        MpiCalls = "blocking calls",
        MpiSettings = new(StringComparer.Ordinal) { ["OMPI_MCA_coll_tuned_use_dynamic_rules"] = "1" },
        Launcher = "Open MPI's mpirun",
        Ranks = 4,
        RanksOutnumberCores = true,
        NodeMap = "1x4",
        Nodes = ["node1"],
        TuningRules = null,
        Checked = false,
        StallTimeoutS = 60,
        Buffers = "communicator",
        Seed = 1,
    };

    private static BenchmarkRow Row(string algorithm, long bytes, double time, bool inPlace = false, double? peer = 20) => new()
    {
        Collective = "allreduce",
        Ranks = 4,
        Nodes = 1,
        Bytes = bytes,
        Count = bytes / 4,
        Type = "f32",
        Op = "sum",
        Root = null,
        InPlace = inPlace,
        RequestedAlgorithm = algorithm,
        Algorithm = algorithm == "auto" ? "ring" : algorithm,
        Path = "mpi, with \"quotes\"",
        SegmentBytes = 1 << 20,
        Buffers = "communicator",
        Iterations = 100,
        TimeUs = time,
        AlgbwGbs = bytes / time / 1e3,
        BusbwGbs = 1.5 * bytes / time / 1e3,
        P50Us = time,
        P99Us = 1.5 * time,
        Wrong = 0,
        Peer = peer == null ? null : "Open MPI 4.1.4",
        PeerAlgorithm = peer == null ? null : "default",
        PeerTimeUs = peer,
        PeerP99Us = peer,
        PeerWrong = peer == null ? null : 0,
        Ratio = peer / time,
    };

    private static readonly BenchmarkRow[] s_rows =
        [Row("ring", 8, 10), Row("ring", 8, 40, inPlace: true), Row("auto", 1024, 5), Row("auto", 1024, 5, inPlace: true, peer: null)];

    internal static JsonReport Report(IReadOnlyList<BenchmarkRow> rows) => new(true, s_facts, ["left out: something"], rows, ResultSummary.Of(rows));

    [Test]
    public void Json_has_the_documented_keys_in_every_row_and_the_values_of_the_rows()
    {
        JsonElement json = JsonDocument.Parse(Report(s_rows).Render()).RootElement;

        Assert.That(json.GetProperty("complete").GetBoolean(), Is.True);
        Assert.That(json.GetProperty("environment").GetProperty("command_line").GetString(), Is.EqualTo(s_facts.CommandLine));
        Assert.That(json.GetProperty("environment").GetProperty("mpi_settings").GetProperty("OMPI_MCA_coll_tuned_use_dynamic_rules").GetString(), Is.EqualTo("1"));
        Assert.That(json.GetProperty("rows").GetArrayLength(), Is.EqualTo(s_rows.Length));
        foreach (JsonElement row in json.GetProperty("rows").EnumerateArray())
            Assert.That(row.EnumerateObject().Select(property => property.Name), Is.EqualTo(BenchmarkColumns.All.Select(column => column.Name)));
        JsonElement last = json.GetProperty("rows")[3];
        Assert.That(last.GetProperty("peer").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(last.GetProperty("requested_algorithm").GetString(), Is.EqualTo("auto"));
        Assert.That(last.GetProperty("algorithm").GetString(), Is.EqualTo("ring"));
        Assert.That(json.GetProperty("rows")[0].GetProperty("ratio").GetDouble(), Is.EqualTo(2));
    }

    [Test]
    public void Json_of_no_rows_is_json() =>
        Assert.That(JsonDocument.Parse(Report([]).Render()).RootElement.GetProperty("summary").GetProperty("average_busbw_gbs").ValueKind, Is.EqualTo(JsonValueKind.Null));

    [Test]
    public void Csv_has_the_same_columns_and_values_as_json()
    {
        string[] lines = CsvReport.Render(s_facts, s_rows).TrimEnd('\n').Split('\n');
        string[] table = [.. lines.SkipWhile(line => line.StartsWith('#'))];
        string[] names = table[0].Split(',');
        JsonElement json = JsonDocument.Parse(Report(s_rows).Render()).RootElement.GetProperty("rows");

        Assert.That(lines[0], Does.Contain(s_facts.CommandLine));
        Assert.That(table, Has.Length.EqualTo(1 + s_rows.Length));
        for (int row = 0; row < s_rows.Length; row++)
        {
            string[] fields = Fields(table[row + 1]);
            Assert.That(fields, Has.Length.EqualTo(names.Length));
            for (int column = 0; column < names.Length; column++)
                Assert.That(Same(fields[column], json[row].GetProperty(names[column])), Is.True, $"row {row}, {names[column]}: {fields[column]}");
        }
    }

    [Test]
    public void The_table_keeps_its_columns_and_shows_what_really_ran()
    {
        var output = new StringWriter();
        var table = new TableReport(output, overlap: false);
        table.Facts(s_facts);
        table.Head("allreduce", outOfPlace: true, inPlace: true, ["ring", "auto"]);
        table.Line(s_rows[0], s_rows[1]);
        table.Line(s_rows[2], s_rows[3]);
        table.Line(Row("hierarchy:direct+halving-doubling", 1L << 40, 123456789), null);
        table.Footer(ResultSummary.Of(s_rows));
        string[] lines = output.ToString().Split('\n');
        string[] rows = [.. lines.Where(line => line.Length > 0 && line[0] != '#')];

        Assert.That(rows, Has.Length.EqualTo(3));
        Assert.That(rows[0].IndexOf("mpi,", StringComparison.Ordinal), Is.EqualTo(rows[1].IndexOf("mpi,", StringComparison.Ordinal)));
        Assert.That(rows[1], Does.Contain("auto (ring)"));
        Assert.That(Columns(rows[0])[..6], Is.EqualTo(new[] { "8", "2", "f32", "sum", "-", "ring" }));
        Assert.That(Columns(rows[0])[12], Is.EqualTo("2.00"), "the ratio out of place");
        string head = lines.First(line => line.Contains("#wrong", StringComparison.Ordinal));
        Assert.That(head, Does.Match("size +count +type +redop +root +algorithm +time +algbw +busbw +#wrong +p50 +p99 +ratio +time +algbw +busbw +#wrong +p50 +p99 +ratio +path"));
        Assert.That(output.ToString(), Does.Contain("wrong elements         : 0 OK").And.Contain("geometric mean ratio 1.00, smallest 0.50 at 8"));
    }

    [Test]
    public void A_name_that_is_longer_than_expected_moves_columns_and_head_together()
    {
        var output = new StringWriter();
        var table = new TableReport(output, overlap: false);
        string[] names = ["ring", TableReport.NameOf("auto", "recursive-doubling")];
        table.Head("allreduce", outOfPlace: true, inPlace: true, names);
        table.Line(s_rows[0], null);
        table.Line(s_rows[2] with { Algorithm = "recursive-doubling" }, null);
        table.Line(s_rows[2] with { Algorithm = "hierarchy:direct+recursive-doubling" }, null);
        table.Line(s_rows[0], null);
        int heads = 0, path = 0;
        foreach (string line in output.ToString().Split('\n'))
        {
            if (line.EndsWith("  path", StringComparison.Ordinal))
                (heads, path) = (heads + 1, line.Length - "path".Length);
            else if (line.Contains("mpi,", StringComparison.Ordinal))
                Assert.That(line.IndexOf("mpi,", StringComparison.Ordinal), Is.EqualTo(path), output.ToString());
        }

        Assert.That(heads, Is.EqualTo(2), "one more, for the name that was not expected");
    }

    [Test]
    public void Barriers_do_not_count_in_the_average_bandwidth()
    {
        BenchmarkRow barrier = s_rows[0] with { Collective = "barrier", Bytes = 0, BusbwGbs = 0 };
        Assert.That(ResultSummary.Of([s_rows[0], barrier]).AverageBusbwGbs, Is.EqualTo(s_rows[0].BusbwGbs));
        Assert.That(ResultSummary.Of([barrier]).AverageBusbwGbs, Is.Null);
    }

    [Test]
    public void The_head_says_what_slows_calls_and_when_they_are_given_up()
    {
        Assert.That(s_facts.Lines(), Has.Some.Contains("stall time-out 60 s").And.None.Contains("HPCTRAIN_CHECKED"));
        Assert.That((s_facts with { Checked = true }).Lines(), Has.Some.Contains("checked mode (HPCTRAIN_CHECKED)"));
        Assert.That(JsonDocument.Parse(Report([]).Render()).RootElement.GetProperty("environment").GetProperty("stall_timeout_s").GetDouble(), Is.EqualTo(60));
    }

    [TestCase(false, false, "out of place; dashed")]
    [TestCase(true, true, "in place; dashed")]
    [TestCase(false, true, "out of place; dashed")]
    public void The_chart_says_which_place_it_shows(bool first, bool second, string place) =>
        Assert.That(ChartReport.Render(s_facts, [Row("ring", 8, 10, first), Row("ring", 8, 40, second)]), Does.Contain($">{place}"));

    [Test]
    public void The_chart_says_that_some_panels_are_in_place() =>
        Assert.That(ChartReport.Render(s_facts, [s_rows[0], s_rows[0] with { Collective = "broadcast", InPlace = true }]), Does.Contain("out of place, but where a panel says in place"));

    [Test]
    public void Wrong_elements_show_in_the_table_and_the_summary()
    {
        BenchmarkRow[] rows = [s_rows[0] with { Wrong = 3 }, s_rows[2] with { Wrong = null }];
        var output = new StringWriter();
        new TableReport(output, overlap: false).Footer(ResultSummary.Of(rows));

        Assert.That(ResultSummary.Of(rows).Wrong, Is.EqualTo(3));
        Assert.That(output.ToString(), Does.Contain("3 FAILED"));
        Assert.That(ResultSummary.Of([s_rows[0] with { Wrong = null, PeerWrong = null }]).Wrong, Is.Null, "not checked is not right");
    }

    [Test]
    public void Comparisons_are_made_for_each_algorithm_by_itself()
    {
        Comparison[] comparisons = [.. ResultSummary.Of(s_rows).Comparisons];

        Assert.That(comparisons.Select(each => (each.RequestedAlgorithm, each.Rows, each.Smallest, each.SmallestBytes)), Is.EqualTo(new[] { ("ring", 2, 0.5, 8L), ("auto", 1, 4.0, 1024L) }));
        Assert.That(comparisons[0].GeometricMean, Is.EqualTo(1).Within(1e-12));
    }

    [Test]
    public void The_chart_is_xml_with_a_line_for_each_algorithm_and_the_peer()
    {
        string svg = ChartReport.Render(s_facts, [.. s_rows, Row("ring", 1024, 12)]);
        XElement root = XDocument.Parse(svg).Root!;

        Assert.That(root.Name.LocalName, Is.EqualTo("svg"));
        Assert.That(svg, Does.Contain("ring").And.Contain("auto").And.Contain("Open MPI 4.1.4").And.Contain("bus bandwidth"));
    }

    [Test]
    public void A_chart_of_no_sizes_is_still_a_chart() => Assert.That(XDocument.Parse(ChartReport.Render(s_facts, [])).Root!.Name.LocalName, Is.EqualTo("svg"));

    private static string[] Columns(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static bool Same(string field, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => field.Length == 0,
        JsonValueKind.Number => double.Parse(field, CultureInfo.InvariantCulture) == value.GetDouble(),
        JsonValueKind.True or JsonValueKind.False => field == value.GetRawText(),
        _ => field == value.GetString(),
    };

    /// <summary>The fields of a line of CSV as RFC 4180 has them.</summary>
    private static string[] Fields(string line)
    {
        var fields = new List<string>();
        for (int at = 0; at <= line.Length;)
        {
            bool isQuoted = at < line.Length && line[at] == '"';
            int end = isQuoted ? at + 1 : line.IndexOf(',', at) is >= 0 and int comma ? comma : line.Length;
            while (isQuoted && !(line[end] == '"' && (end + 1 == line.Length || line[end + 1] == ',')))
                end += line[end] == '"' ? 2 : 1;
            fields.Add(isQuoted ? line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal) : line[at..end]);
            at = end + (isQuoted ? 2 : 1);
        }

        return [.. fields];
    }
}

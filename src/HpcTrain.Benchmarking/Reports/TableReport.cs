using System.Globalization;

namespace HpcTrain.Benchmarking.Reports;

/// <summary>The table that a run prints while it goes on: a line per size and algorithm, out of place and in place side by side.</summary>
internal sealed class TableReport(TextWriter output, bool overlap)
{
    private const int LeastNameWidth = 20;
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    private static readonly (string Title, string Unit, int Width)[] s_latency =
        [("time", "(us)", 10), ("algbw", "(GB/s)", 8), ("busbw", "(GB/s)", 8), ("#wrong", "", 8), ("p50", "(us)", 10), ("p99", "(us)", 10), ("ratio", "", 7)];

    private static readonly (string Title, string Unit, int Width)[] s_overlap =
        [("comm", "(us)", 10), ("compute", "(us)", 10), ("overall", "(us)", 10), ("overlap", "(%)", 8), ("peer's", "(%)", 8), ("#wrong", "", 8)];

    private string _collective = "";
    private int _nameWidth = LeastNameWidth;
    private bool _outOfPlace;
    private bool _inPlace;

    private (string Title, string Unit, int Width)[] Columns => overlap ? s_overlap : s_latency;

    private int GroupWidth => Columns.Sum(column => column.Width);

    /// <summary>Prints what the figures were taken on.</summary>
    public void Facts(RunFacts facts)
    {
        foreach (string line in facts.Lines())
            Note(line);
    }

    /// <summary>Prints a comment line.</summary>
    public void Note(string text)
    {
        output.WriteLine($"# {text}");
        output.Flush();
    }

    /// <summary>Prints the head of the columns for a collective, which has lines for one or both of the places from now on.</summary>
    /// <param name="collective">Its name.</param>
    /// <param name="outOfPlace">Whether lines have values out of place.</param>
    /// <param name="inPlace">Whether lines have values in place.</param>
    /// <param name="algorithms">What the lines may say of algorithms, as far as that is known; see <see cref="NameOf"/>.</param>
    public void Head(string collective, bool outOfPlace, bool inPlace, IEnumerable<string> algorithms)
    {
        (_collective, _outOfPlace, _inPlace) = (collective, outOfPlace, inPlace);
        _nameWidth = algorithms.Select(name => name.Length).Append(LeastNameWidth).Max();
        Head();
    }

    /// <summary>What a line says of an algorithm that was asked for and the one that ran.</summary>
    public static string NameOf(string requested, string ran) => requested == ran ? ran : $"{requested} ({ran})";

    private void Head()
    {
        output.WriteLine("#");
        output.WriteLine($"# {_collective}{new string(' ', Math.Max(1, Lead("", "", "", "", "", "").Length - _collective.Length - 2))}"
            + $"{(_outOfPlace ? Centre("out of place") : "")}{(_inPlace ? Centre("in place") : "")}".TrimEnd());
        output.WriteLine("# " + Lead("size", "count", "type", "redop", "root", "algorithm")[2..] + Groups(column => column.Title) + "  path");
        output.WriteLine(("# " + Lead("(B)", "(elements)", "", "", "", "")[2..] + Groups(column => column.Unit)).TrimEnd());
        output.Flush();
    }

    /// <summary>Prints a line: the rows of one size and algorithm, one or both of them.</summary>
    public void Line(BenchmarkRow? outOfPlaceRow, BenchmarkRow? inPlaceRow)
    {
        BenchmarkRow row = outOfPlaceRow ?? inPlaceRow!;
        string name = NameOf(row.RequestedAlgorithm, row.Algorithm);
        if (name.Length > _nameWidth)
        {
            // Tuning rules may choose what nobody expects: from here on the columns lie further to the right, below a head of their own.
            _nameWidth = name.Length;
            Head();
        }

        string paths = string.Join(", ", new[] { outOfPlaceRow?.Path, inPlaceRow?.Path }.OfType<string>().Distinct());
        output.WriteLine(
            Lead(row.Bytes.ToString(s_culture), row.Count.ToString(s_culture), row.Type, row.Op, row.Root?.ToString(s_culture) ?? "-", name)
            + (_outOfPlace ? Group(outOfPlaceRow) : "") + (_inPlace ? Group(inPlaceRow) : "") + "  " + paths);
        output.Flush();
    }

    /// <summary>Prints what all rows together say.</summary>
    public void Footer(ResultSummary summary)
    {
        output.WriteLine("#");
        Note("wrong elements         : " + (summary.Wrong is { } wrong ? $"{wrong} {(wrong == 0 ? "OK" : "FAILED")}" : "not checked"));
        if (summary.PeerWrong is > 0)
            Note($"wrong elements, peer   : {summary.PeerWrong}; these rows are not compared");
        Note("average bus bandwidth  : " + (summary.AverageBusbwGbs is { } busbw ? $"{Number(busbw)} GB/s" : "-"));
        foreach (Comparison each in summary.Comparisons)
        {
            string least = each.SmallestBytes > 0 ? $" at {ByteSize.Format(each.SmallestBytes)}" : "";
            string rows = each.Rows == 1 ? "1 row" : $"{each.Rows} rows";
            Note($"{each.Collective} {each.RequestedAlgorithm} against {each.Peer} ({each.PeerAlgorithm}), {rows}: geometric mean ratio "
                + string.Create(s_culture, $"{each.GeometricMean:0.00}, smallest {each.Smallest:0.00}{least}"));
        }
    }

    private string Lead(string size, string count, string type, string op, string root, string algorithm) =>
        $"{size,14}{count,13}{type,6}{op,7}{root,6}  {algorithm.PadRight(_nameWidth)}";

    private string Groups(Func<(string Title, string Unit, int Width), string> text)
    {
        string group = string.Concat(Columns.Select(column => text(column).PadLeft(column.Width)));
        return (_outOfPlace ? group : "") + (_inPlace ? group : "");
    }

    private string Centre(string text) => text.PadLeft((GroupWidth + text.Length) / 2).PadRight(GroupWidth);

    private string Group(BenchmarkRow? row)
    {
        if (row == null)
            return string.Concat(Columns.Select(column => "-".PadLeft(column.Width)));
        string wrong = row.Wrong?.ToString(s_culture) ?? "-";
        string[] values = overlap
            ? [Number(row.TimeUs), Number(row.ComputeUs), Number(row.OverallUs), Fixed(row.OverlapPercent, "0.0"), Fixed(row.PeerOverlapPercent, "0.0"), wrong]
            : [Number(row.TimeUs), Number(row.AlgbwGbs), Number(row.BusbwGbs), wrong, Number(row.P50Us), Number(row.P99Us), Fixed(row.Ratio, "0.00")];
        return string.Concat(values.Select((value, index) => value.PadLeft(Columns[index].Width)));
    }

    private static string Fixed(double? value, string format) => value?.ToString(format, s_culture) ?? "-";

    private static string Number(double? value) => value switch
    {
        null => "-",
        >= 10_000 => value.Value.ToString("0", s_culture),
        >= 100 => value.Value.ToString("0.0", s_culture),
        _ => value.Value.ToString("0.00", s_culture),
    };
}

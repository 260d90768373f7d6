using System.Globalization;
using System.Text;

namespace HpcTrain.Benchmarking.Reports;

/// <summary>The CSV file: comment lines with what the figures were taken on, a line of names, a line per row (RFC 4180 but for the comments).</summary>
internal static class CsvReport
{
    public static string Render(RunFacts facts, IReadOnlyList<BenchmarkRow> rows)
    {
        var text = new StringBuilder();
        foreach (string line in facts.Lines())
            text.Append("# ").Append(line).Append('\n');
        text.AppendJoin(',', RowColumn.All.Select(column => column.Name)).Append('\n');
        foreach (BenchmarkRow row in rows)
            text.AppendJoin(',', RowColumn.All.Select(column => Field(column.Value(row)))).Append('\n');
        return text.ToString();
    }

    private static string Field(object? value)
    {
        string text = value switch
        {
            null => "",
            bool truth => truth ? "true" : "false",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
        return text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}

using HpcTrain.Collectives;
using HpcTrain.Drawing;

namespace HpcTrain.Benchmarking.Reports;

/// <summary>
/// The chart: for each collective, type, operation and root a panel of times and one of bus bandwidths over sizes, with a line for each algorithm and
/// a dashed one for the peer. Where both were measured, those out of place. Of overlap tests: the communication, and what of it was hidden.
/// </summary>
internal static class ChartReport
{
    private const double PanelHeight = 340, PageWidth = 1080;

    /// <summary>The text of the SVG file.</summary>
    public static string Render(RunFacts facts, IReadOnlyList<BenchmarkRow> rows)
    {
        var groups = rows.Where(row => row.Bytes > 0)
            .GroupBy(row => (row.Collective, row.Type, row.Op, row.Root))
            .Select(group => group.Any(row => !row.InPlace) ? group.Where(row => !row.InPlace).ToArray() : [.. group])
            .ToArray();
        bool isOverlap = rows.Any(row => row.OverlapPercent != null);
        string[] collectives = [.. groups.Select(group => group[0].Collective).Distinct()];
        return new ChartPage
        {
            Title = $"{(collectives.Length == 1 ? Capital(collectives[0]) : "Collectives")} on {facts.Ranks} {(facts.Ranks == 1 ? "rank" : "ranks")}",
            Subtitle = Subtitle(groups, rows.FirstOrDefault(row => row.Peer != null)?.Peer),
            Note = $"{facts.Cores} x {facts.Cpu}; {facts.Mpi}; .NET {facts.Dotnet}, {facts.Kernels} kernels; node map {facts.NodeMap}; "
                + $"our buffers: {facts.Buffers}; {facts.Date}",
            Width = PageWidth,
            Panels = groups.Length == 0 ? [Panel("no sizes", AxisOf(isOverlap), [])] : [.. groups.SelectMany(group => Panels(group, isOverlap))],
        }.ToSvg();
    }

    private static string? Subtitle(BenchmarkRow[][] groups, string? peer)
    {
        bool[] places = [.. groups.Select(group => group[0].InPlace).Distinct()];
        string? place = places switch
        {
            [] => null,
            [var inPlace] => inPlace ? "in place" : "out of place",
            _ => "out of place, but where a panel says in place",
        };
        string[] parts = [.. new[] { place, peer == null ? null : $"dashed: {peer}, measured in the same rounds" }.OfType<string>()];
        return parts.Length == 0 ? null : string.Join("; ", parts);
    }

    private static IEnumerable<LineChart> Panels(BenchmarkRow[] rows, bool isOverlap)
    {
        BenchmarkRow first = rows[0];
        string what = $"{first.Collective}, {first.Type}"
            + (first.Op == "none" ? "" : $", {first.Op}")
            + (first.Root is { } root ? $", root {root}" : "")
            + (first.InPlace ? ", in place" : "");
        yield return Panel(what, Axis.Log("time", Unit.Microseconds), Lines(rows, row => row.TimeUs, row => row.PeerTimeUs));
        if (isOverlap)
            yield return Panel(what, AxisOf(isOverlap), Lines(rows, row => row.OverlapPercent, row => row.PeerOverlapPercent));
        else
            yield return Panel(what, AxisOf(isOverlap), Lines(rows, row => row.BusbwGbs, row => row.BusbwGbs / row.Ratio));
    }

    private static Axis AxisOf(bool isOverlap) => isOverlap ? Axis.Linear("overlap", Unit.Percent) : Axis.Log("bus bandwidth", Unit.GigabytesPerSecond);

    private static LineChart Panel(string title, Axis y, Series[] lines) =>
        new() { Title = title, Height = PanelHeight, X = Axis.Bytes("size"), Y = y, Series = lines };

    private static Series[] Lines(BenchmarkRow[] rows, Func<BenchmarkRow, double?> ours, Func<BenchmarkRow, double?> peers)
    {
        IEnumerable<Series> algorithms = rows.GroupBy(row => row.RequestedAlgorithm)
            .OrderBy(group => group.Key == AlgorithmCatalog.Auto)
            .Select(group => new Series(group.Key, Points(group, ours)));
        IEnumerable<Series> others = rows.Where(row => row.Peer != null).GroupBy(row => NameOf(row.Peer!, row.PeerAlgorithm!))
            .Select(group => new Series(group.Key, Points(group.DistinctBy(row => row.Bytes), peers)) { Line = LineStyle.Dashed });
        return [.. algorithms, .. others];
    }

    private static DataPoint[] Points(IEnumerable<BenchmarkRow> rows, Func<BenchmarkRow, double?> value) =>
        [.. rows.OrderBy(row => row.Bytes).Select(row => new DataPoint(row.Bytes, value(row) ?? double.NaN))];

    private static string NameOf(string peer, string algorithm) => algorithm == Peers.VendorAlgorithm.Default ? peer : $"{peer} {algorithm}";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}

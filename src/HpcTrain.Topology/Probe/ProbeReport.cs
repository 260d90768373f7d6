using System.Globalization;
using System.Text;

namespace HpcTrain.Topology;

/// <summary>What a probe measured and found, as text.</summary>
public static class ProbeReport
{
    private const int MostShown = 16, Width = 8;

    /// <summary>Tables of rates and latencies (of the first 16 ranks), what is shared, and the graph in a line.</summary>
    public static string Render(ProbeMeasurements measurements, InferredLinks links)
    {
        var text = new StringBuilder();
        int ranks = measurements.Ranks, shown = Math.Min(ranks, MostShown);
        text.Append(CultureInfo.InvariantCulture, $"{ranks} ranks on {Count(measurements.Hosts.Length, "node")}, {Count(measurements.Observations.Length, "round")}: ")
            .AppendJoin(", ", measurements.Observations.GroupBy(each => each.Round.Phase).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}")).Append('\n');
        if (shown < ranks)
            text.Append(CultureInfo.InvariantCulture, $"The tables show the first {shown} ranks; the file has all.\n");
        Append(text, "GB/s alone, from the rank of the row to that of the column, while the other direction is as busy", links.Alone, shown, 1);
        Append(text, "GB/s while all ranks are busy, in pairs", links.Busy, shown, 1);
        Append(text, "Latency in us", links.Latencies, shown, 1e6);
        text.Append('\n');
        foreach (string finding in links.Findings)
            text.Append(finding).Append('\n');
        LinkGraph graph = links.Graph;
        IEnumerable<string> kinds = graph.Nodes.GroupBy(node => node.Kind).Select(group => Count(group.Count(), NameOf(group.Key)));
        return text.Append(CultureInfo.InvariantCulture, $"{string.Join(", ", kinds)}, {graph.CountLinks()}\n").ToString();
    }

    private static void Append(StringBuilder text, string title, RankMatrix matrix, int shown, double unit)
    {
        text.Append('\n').Append(title).Append(":\n      ");
        for (int to = 0; to < shown; to++)
            text.Append(CultureInfo.InvariantCulture, $"{to,Width}");
        for (int from = 0; from < shown; from++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{from,6}");
            for (int to = 0; to < shown; to++)
                text.Append((from == to ? "-" : Number(matrix[from, to] * unit)).PadLeft(Width));
        }

        text.Append('\n');
    }

    /// <summary>Three digits that count, as far as six decimals hold them.</summary>
    internal static string Number(double value) => value.ToString(
        value >= 100 ? "0" : value >= 10 ? "0.0" : value >= 1 ? "0.00" : value >= 0.1 ? "0.000" : value >= 0.01 ? "0.0000" : "0.#####", CultureInfo.InvariantCulture);

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}{(what.EndsWith("ch", StringComparison.Ordinal) ? "es" : "s")}";

    private static string NameOf(NodeKind kind) => kind switch
    {
        NodeKind.Rank => "rank",
        NodeKind.Nic => "NIC",
        NodeKind.Switch => "switch",
        _ => "host",
    };
}

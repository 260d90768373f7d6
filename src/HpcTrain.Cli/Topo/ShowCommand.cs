using System.Globalization;
using System.Text;
using CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Topo;

/// <summary><c>hpctrain topo show</c>: a topology in words and tables.</summary>
internal static class ShowCommand
{
    /// <summary>Longer lists are summed up: links by their kinds, ranks by their bandwidth, boxes by their size.</summary>
    private const int MostRows = 32, MostNames = 12;

    public static int Run(string[] args)
    {
        if (OptionParser.Parse<ShowOptions>(
                "hpctrain topo show", "Show what is in a topology: its nodes and links, whether they hang together, and the bandwidth of each rank.", args,
                "Examples:\n" +
                "  hpctrain topo show dgx1v --allocation 0,1,4,5\n" +
                "  hpctrain topo show fat-tree:k=16\n" +
                "  hpctrain topo show topo.xml --json\n\n" +
                TopologySource.BuiltIns()) is not { } options)
            return ExitCodes.Ok;
        var graph = options.Load();
        var report = TopologyReport.Of(graph);
        Console.Out.Write(options.Json ? report.ToJson() : Text(report, graph.CountLinks()));
        return ExitCodes.Ok;
    }

    private static string Text(TopologyReport report, string links)
    {
        var text = new StringBuilder();
        string[] nodes =
        [
            .. new[] { (report.Ranks, "rank"), (report.Nics, "NIC"), (report.Switches, "switch"), (report.Hosts, "host") }
                .Where(kind => kind.Item1 > 0).Select(kind => TopologyReport.Count(kind.Item1, kind.Item2)),
        ];
        text.Append($"topology     {report.Name}\nfingerprint  {report.Fingerprint}\nnodes        {string.Join(", ", nodes)}\n");
        text.Append($"links        {links}\nboxes        {Boxes(report)}\nconnected    {Connected(report)}\n");
        text.Append("\nBandwidth of ranks, GB/s\n");
        Append(text, Ranks(report.RankBandwidths), 1, 2);
        text.Append("\nLinks (a - b is two-way, a > b one-way), GB/s in each direction\n");
        Append(text, Links(report.Links), 1);
        return text.ToString();
    }

    private static string Boxes(TopologyReport report)
    {
        if (report.Boxes.Length > MostNames)
        {
            var sizes = report.Boxes.GroupBy(box => box.Ranks.Length).OrderBy(group => group.Key);
            return string.Join(", ", sizes.Select(group => $"{group.Count()} of {TopologyReport.Count(group.Key, "rank")}"));
        }
        return string.Join("; ", report.Boxes.Select(box => $"{(box.Box < 0 ? "outside of boxes" : $"box {box.Box}")}: {RankList(box.Ranks)}"));
    }

    private static string Connected(TopologyReport report) => report.Connected
        ? "yes"
        : $"no: {Shortened(report.Unreachable)} and {report.RankBandwidths[0].Name} do not reach each other";

    private static IEnumerable<string[]> Ranks(ReportedRank[] ranks)
    {
        string[] head = ["rank", "out", "in"];
        if (ranks.Length <= MostRows && ranks.Select(rank => (rank.Out, rank.In)).Distinct().Skip(1).Any())
            return ranks.Select(rank => new[] { Named(rank), Number(rank.Out), Number(rank.In) }).Prepend(head);
        var alike = ranks.GroupBy(rank => (rank.Out, rank.In)).OrderByDescending(group => group.Count());
        return alike.Select(group => new[]
        {
            group.Count() == ranks.Length ? "each" : $"{group.Count()} as {group.First().Name}", Number(group.Key.Out), Number(group.Key.In),
        }).Prepend(head);
    }

    private static IEnumerable<string[]> Links(ReportedLink[] links)
    {
        if (links.Length == 0)
            return [["none"]];
        var hasLatency = links.Any(link => link.LatencyUs > 0);
        string[] Row(string ends, ReportedLink link) => [ends, Number(link.Bandwidth), .. hasLatency ? [$"{Number(link.LatencyUs)} us"] : Array.Empty<string>(), link.Name];
        if (links.Length <= MostRows)
            return links.Select(link => Row($"{link.From} {(link.Both ? "-" : ">")} {link.To}", link));
        return links.GroupBy(link => (link.Ends, link.Name, link.Bandwidth, link.LatencyUs)).OrderByDescending(group => group.Count())
            .Select(group => Row($"{group.Count()} {group.Key.Ends}", group.First()));
    }

    // Columns as wide as their longest cell; numbers end at the right.
    private static void Append(StringBuilder text, IEnumerable<string[]> rows, params int[] numbers)
    {
        var table = rows.ToArray();
        var widths = Enumerable.Range(0, table[0].Length).Select(column => table.Max(row => row[column].Length)).ToArray();
        foreach (var row in table)
        {
            var cells = row.Select((cell, column) => numbers.Contains(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            text.Append($"  {string.Join("  ", cells)}".TrimEnd()).Append('\n');
        }
    }

    private static string Named(ReportedRank rank) => $"{rank.Rank}" == rank.Name ? rank.Name : $"{rank.Rank} {rank.Name}";

    private static string RankList(int[] ranks) => ranks.Length > 1 && ranks[^1] - ranks[0] == ranks.Length - 1
        ? $"ranks {ranks[0]}-{ranks[^1]}"
        : $"{(ranks.Length == 1 ? "rank" : "ranks")} {Shortened([.. ranks.Select(rank => $"{rank}")])}";

    private static string Shortened(string[] words) => words.Length <= MostNames
        ? string.Join(", ", words)
        : $"{string.Join(", ", words.Take(MostNames - 2))} and {words.Length - MostNames + 2} more";

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private sealed class ShowOptions : SourceOptions
    {
        [Option("json", HelpText = "All of it as JSON on standard output, every link included.")]
        public bool Json { get; set; }
    }
}

using System.Globalization;
using System.Text;
using CommandLine;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Schedules;

/// <summary><c>hpctrain schedules list</c>.</summary>
internal static class ListCommand
{
    private const string Legend =
        "Sent: what the busiest rank sends, as a share of the buffer; in an all-to-all, of what all ranks have; in a barrier, tokens.\n" +
        "Cost: p ranks, n bytes, α per message, β per byte, γ per byte reduced; of a hierarchy, phase by phase, with p₁ ranks in a group of the first level.";

    public static int Run(string[] args)
    {
        if (OptionParser.Parse<ListOptions>(
                "hpctrain schedules list", "List the algorithms of collectives with their steps, traffic and cost.", args,
                "Examples:\n  hpctrain schedules list\n  hpctrain schedules list --collective allreduce --ranks 48 --nodes 6x8 --markdown") is not { } options)
            return ExitCodes.Ok;
        if (options.Json && options.Markdown)
            throw new UsageException("--json and --markdown exclude each other");
        var rows = options.Rows();
        Console.Out.Write(options.Json ? SchedulesJson.Of(rows) + "\n" : options.Markdown ? Markdown(rows) : Text(rows));
        return ExitCodes.Ok;
    }

    private static string Text(ListedAlgorithm[] rows)
    {
        var text = new StringBuilder();
        int name = rows.Max(row => row.Algorithm.Length), words = rows.Max(row => row.WinsFor.Length);
        foreach (var group in rows.GroupBy(row => row.Collective))
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(group.Key).Append(" on ").Append(group.First().Ranks).Append(" ranks\n");
            text.Append($"  {"algorithm".PadRight(name)}  steps   sent  {"wins for".PadRight(words)}  cost\n");
            foreach (var row in group)
            {
                var rest = row.Unusable is null ? $"{row.WinsFor.PadRight(words)}  {row.ClosedForm}" : Words(row);
                text.Append($"  {row.Algorithm.PadRight(name)}  {Number(row.Steps),5}  {Number(row.SentShare),5}  {rest}\n");
            }
        }
        return text.Append('\n').Append(Legend).Append('\n').ToString();
    }

    private static string Markdown(ListedAlgorithm[] rows)
    {
        var text = new StringBuilder("| Collective | Algorithm | Ranks | Steps | Sent | Cost | Wins for |\n|---|---|---:|---:|---:|---|---|\n");
        foreach (var row in rows)
        {
            var numbers = $"{row.Ranks} | {Number(row.Steps)} | {Number(row.SentShare)}";
            text.Append($"| {row.Collective} | {row.Algorithm} | {numbers} | {Cell(row.ClosedForm)} | {Cell(Words(row))} |\n");
        }
        return text.Append('\n').Append(Legend).Append('\n').ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Words(ListedAlgorithm row) => row.Unusable is { } why ? $"not here: {why}" : row.WinsFor;

    private static string Number(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "-";

    private sealed class ListOptions : SpecOptions
    {
        private const int UsualRanks = 8;

        [Option("json", HelpText = "One JSON array on stdout.")]
        public bool Json { get; set; }

        [Option("markdown", HelpText = "One Markdown table on stdout.")]
        public bool Markdown { get; set; }

        public ListedAlgorithm[] Rows()
        {
            var kinds = Collective is null ? Enum.GetValues<CollectiveKind>() : [ParseCollective(Collective)];
            ListedAlgorithm[] rows =
            [
                .. kinds.Select(kind => Spec(kind, Ranks ?? UsualRanks, root: 0))
                    .SelectMany(spec => AlgorithmCatalog.Of(spec.Collective).Select(algorithm => ListedAlgorithm.Of(algorithm, spec))),
            ];
            return rows.Length > 0 ? rows : throw new UsageException($"there is no algorithm for {kinds[0].Name()}");
        }
    }
}

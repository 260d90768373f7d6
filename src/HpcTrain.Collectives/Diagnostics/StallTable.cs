using System.Globalization;
using System.Text;
using HpcTrain.Collectives.Node;
using HpcTrain.Collectives.Verification;
using HpcTrain.Kernels;
using HpcTrain.Mpi;

namespace HpcTrain.Collectives.Diagnostics;

/// <summary>What the ranks know of a stall, put together: who is to blame, and a line for each rank.</summary>
internal sealed class StallTable
{
    // Idea. Calls are numbered, so ranks can be compared. Of all that ranks wait in, the lowest number counts: what comes later waits for that. To blame
    // is a rank that has called something else under that number, or has not called it, or has called it and does not move it on; or of which nothing
    // is known.
    private const string Silent = "no answer: not in a collective of this communicator (computing, dead or in another library)";
    private const int MostRows = 64;

    private readonly IReadOnlyList<RankReport> _reports;
    private readonly FlightSlot _stuck;
    private readonly int _witness;
    private readonly List<(int Rank, string What)> _blamed = [];

    /// <param name="reports">One for each rank, in order; at least one answers.</param>
    public StallTable(IReadOnlyList<RankReport> reports)
    {
        _reports = reports;
        RankReport[] waiting = [.. reports.Where(report => report.Answers && report.Record.Called > 0)];
        long first = waiting.Min(report => report.Record.Slot.Sequence);
        RankReport witness = waiting.Where(report => report.Record.Slot.Sequence == first)
            .GroupBy(report => report.Record.Slot.Signature).MaxBy(same => same.Count())!.First();
        _stuck = witness.Record.Slot;
        _witness = witness.Rank;
        foreach (RankReport report in reports)
        {
            if (Blame(report) is { } what)
                _blamed.Add((report.Rank, what));
        }
    }

    /// <summary>One sentence: what has stalled, and whose fault it is.</summary>
    public string Verdict
    {
        get
        {
            const int Shown = 3;
            var groups = _blamed.GroupBy(blamed => blamed.What, blamed => blamed.Rank).ToList();
            if (groups.Count == 0)
                return $"All ranks have called {Name(_stuck)} and wait for each other: a message is lost, or a rank is stopped.";
            string list = string.Join("; ", groups.Take(Shown).Select(group => $"{Fault.Ranks([.. group])} {Plural(group.Key, group.Count())}"));
            return $"The cause: {list}{(groups.Count > Shown ? $"; and {groups.Skip(Shown).Sum(group => group.Count())} more ranks" : "")}.";
        }
    }

    /// <summary>The verdict and the table, as they are printed.</summary>
    public string Text
    {
        get
        {
            var rows = new List<string[]> { (string[])["rank", "collective", "state", "what"] };
            IEnumerable<RankReport> shown = _reports;
            if (_reports.Count > MostRows)
                shown = _reports.OrderBy(report => report.Answers).Take(MostRows).OrderBy(report => report.Rank);
            rows.AddRange(shown.Select(Row));
            int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
            var text = new StringBuilder($"hpctrain: a collective stalled: {Name(_stuck)}. {Verdict}\n");
            foreach (string[] row in rows)
                text.Append($"  {row[0].PadLeft(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadRight(widths[2])}  {row[3]}".TrimEnd()).Append('\n');
            if (_reports.Count > MostRows)
                text.Append(CultureInfo.InvariantCulture, $"  and {_reports.Count - MostRows} more ranks\n");
            return text.Append(CultureInfo.InvariantCulture, $"hpctrain: ranks that do not catch the error end the job with exit code {MpiExitCodes.Stalled}.\n").ToString();
        }
    }

    /// <summary>What the rank has done wrong; null when it waits as it should, or has done its part.</summary>
    private string? Blame(RankReport report)
    {
        if (!report.HasRecord)
            return report.Answers ? null : $"does not answer: it has not called {Name(_stuck)}, or does not move it on{Process(report)}";
        RankRecord record = report.Record;
        if (record.Called < _stuck.Sequence)
        {
            return record.Called == 0
                ? $"has not called {Name(_stuck)}, nor anything before{Process(report)}"
                : $"has not called {Name(_stuck)}; its last was {(record.IsIdle ? $"{Name(record.Slot)}, done {Seconds(record.DoneMilliseconds)} ago" : $"{Name(record.Slot)}, which it has not ended")}{Process(report)}";
        }

        if (record.Slot.Sequence != _stuck.Sequence || record.IsIdle)
            return null;
        if (record.Slot.Signature != _stuck.Signature)
            return $"has called {Name(record.Slot)}, where rank {_witness} has called {Name(_stuck)}";
        if (report.Answers)
            return null;
        return record.Slot.State == FlightState.Failed
            ? $"has given {Name(_stuck)} up" : $"has called {Name(_stuck)} and does not move it on{Process(report)}";
    }

    private string[] Row(RankReport report)
    {
        RankRecord record = report.Record;
        string silent = report.Answers ? report.Remark : Silent + (report.Remark.Length > 0 ? "; " + report.Remark : "");
        (string call, string state) = (report.HasRecord, record) switch
        {
            (false, _) => ("?", "?"),
            (_, { Called: 0 }) => ("none", "not begun"),
            (_, { IsIdle: true }) => (Name(record.Slot), $"done {Seconds(record.DoneMilliseconds)} ago"),
            _ when report.Answers => (Name(record.Slot), $"waits {Seconds(record.AgeMilliseconds)}"),
            _ when record.Slot.State == FlightState.Failed => (Name(record.Slot), "failed"),
            _ => (Name(record.Slot), $"called {Seconds(record.AgeMilliseconds)} ago"),
        };
        return [report.Rank.ToString(CultureInfo.InvariantCulture), call, state, silent];
    }

    private static string Process(RankReport report) => !report.Answers && report.Remark.Length > 0 ? $" ({report.Remark})" : "";

    private static string Plural(string what, int ranks) => ranks == 1
        ? what
        : what.Replace("it has ", "they have ", StringComparison.Ordinal).Replace("has ", "have ", StringComparison.Ordinal)
            .Replace("does ", "do ", StringComparison.Ordinal).Replace("its last", "their last", StringComparison.Ordinal).Replace("which it", "which they", StringComparison.Ordinal);

    private static string Name(in FlightSlot slot)
    {
        (CollectiveKind collective, ElementType type, ReduceOp? op, int? root, long count) = CallSignature.Parts(slot.Signature);
        string name = $"{collective.Name()} #{slot.Sequence}";
        if (collective == CollectiveKind.Barrier)
            return name;
        return $"{name} ({count} {type.Name()}{(op is { } o ? $", {o.Name()}" : "")}{(root is { } r ? $", root {r}" : "")})";
    }

    private static string Seconds(long milliseconds) => (milliseconds / 1000.0).ToString("0.#", CultureInfo.InvariantCulture) + " s";
}

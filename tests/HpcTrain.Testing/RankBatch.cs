using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using HpcTrain.Mpi;

namespace HpcTrain.Testing;

/// <summary>How a test ended over all ranks.</summary>
internal sealed record RankVerdict(RankOutcome Outcome, string? Message);

/// <summary>
/// All rank tests of one fixture under one flavour and rank count. They share one mpirun as long as they behave: a
/// test in which a rank crashes or hangs costs its job, and the tests after it run in a new one.
/// </summary>
internal sealed class RankBatch
{
    private static readonly ConcurrentDictionary<(Type, MpiFlavor, int), Lazy<RankBatch>> Batches = new();

    // Once a rank has failed a test, the others often wait for it in vain: they get this long to end by themselves.
    private static readonly TimeSpan GraceAfterFailure = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Type _fixture;
    private readonly MpiFlavor _flavor;
    private readonly int _ranks;
    private readonly Dictionary<string, RankVerdict> _verdicts = [];

    private RankBatch(Type fixture, MpiFlavor flavor, int ranks) => (_fixture, _flavor, _ranks) = (fixture, flavor, ranks);

    /// <summary>The batch that a test belongs to, run when first asked for.</summary>
    public static RankBatch Of(Type fixture, MpiFlavor flavor, int ranks) =>
        Batches.GetOrAdd((fixture, flavor, ranks), key => new(() =>
        {
            var batch = new RankBatch(key.Item1, key.Item2, key.Item3);
            batch.Run();
            return batch;
        })).Value;

    public RankVerdict VerdictOf(string test) => _verdicts[test];

    private void Run()
    {
        var tests = _fixture.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public)
            .Select(method => (method.Name, Attribute: method.GetCustomAttribute<RankTestAttribute>()))
            .Where(test => test.Attribute is { } attribute && attribute.Ranks.Contains(_ranks) && attribute.Flavors.Contains(_flavor))
            .ToDictionary(test => test.Name, test => TimeSpan.FromSeconds(test.Attribute!.TimeoutSeconds));
        while (tests.Keys.Where(test => !_verdicts.ContainsKey(test)).ToList() is { Count: > 0 } remaining)
            RunJob(remaining, tests);
    }

    /// <summary>Runs tests in one job, and gives a verdict to at least the first of them.</summary>
    private void RunJob(List<string> remaining, Dictionary<string, TimeSpan> timeouts)
    {
        using var job = RankJob.Start(_flavor, _ranks, _fixture.Assembly.Location,
            [RankProgram.TestsSwitch, _fixture.FullName!, "{folder}", .. remaining]);
        var started = DateTime.UtcNow;
        string? stuck = null;
        while (stuck is null && !job.WaitUntil(() => false, TimeSpan.FromMilliseconds(50)) && !job.HasExited)
            stuck = FindStuck(job, remaining, timeouts, started);
        var result = job.Finish(TimeSpan.FromSeconds(10));

        var journals = Journals(job);
        foreach (var test in remaining)
        {
            var ends = journals.Select(journal => journal.FirstOrDefault(entry => entry.Test == test && entry.Outcome is not null)).ToList();
            if (ends.TrueForAll(end => end is not null))
            {
                _verdicts[test] = Merge(ends!);
                continue;
            }

            // The job ended in this test, or before the first.
            _verdicts[test] = new RankVerdict(RankOutcome.Failed, DescribeEnd(ends, stuck, result));
            if (!journals.Any(journal => journal.Any(entry => entry.Test == test)))
            {
                foreach (var unreached in remaining.SkipWhile(name => name != test))
                    _verdicts[unreached] = _verdicts[test];
            }

            return;
        }

        if (result.ExitCode != 0 || result.TimedOut)
            _verdicts[remaining[^1]] = new(RankOutcome.Failed, $"all tests ended, but the job did not end well: {result}");
    }

    private string? FindStuck(RankJob job, List<string> remaining, Dictionary<string, TimeSpan> timeouts, DateTime started)
    {
        var journals = Journals(job);
        var current = remaining.LastOrDefault(test => journals.Exists(journal => journal.Any(entry => entry.Test == test)));
        var now = DateTime.UtcNow;
        if (current is null)
            return now - started > StartTimeout ? job.Stop($"no rank began a test within {StartTimeout.TotalSeconds} s") : null;
        var entries = journals.SelectMany(journal => journal.Where(entry => entry.Test == current)).ToList();
        var ended = entries.Count(entry => entry.Outcome is not null);
        if (ended == _ranks)
            return now - entries.Max(entry => entry.Time) > timeouts[current] ? job.Stop($"no rank went on after {current}") : null;
        var failure = entries.Find(entry => entry.Outcome is RankOutcome.Failed or RankOutcome.Skipped);
        if (failure is not null && now - failure.Time > GraceAfterFailure)
            return job.Stop($"a rank ended {current} early, and others still ran it {GraceAfterFailure.TotalSeconds} s later");
        return now - entries.Min(entry => entry.Time) > timeouts[current]
            ? job.Stop($"{current} did not end within {timeouts[current].TotalSeconds} s") : null;
    }

    private List<IReadOnlyList<RankEntry>> Journals(RankJob job) =>
        [.. Enumerable.Range(0, _ranks).Select(rank => RankJournal.Read(job.Folder, rank))];

    private static RankVerdict Merge(IEnumerable<RankEntry?> ends)
    {
        var ranks = ends.Select((end, rank) => (end, rank)).ToList();
        var worst = ranks.Max(each => each.end!.Outcome!.Value);
        var messages = ranks.Where(each => each.end!.Outcome == worst && each.end.Message is not null)
            .Select(each => $"rank {each.rank}: {each.end!.Message}");
        return new(worst, worst == RankOutcome.Passed ? null : string.Join('\n', messages));
    }

    private static string DescribeEnd(List<RankEntry?> ends, string? stuck, RankResult result)
    {
        var text = new StringBuilder();
        for (var rank = 0; rank < ends.Count; rank++)
        {
            text.AppendLine(ends[rank] is { } end
                ? $"rank {rank} {end.Outcome.ToString()!.ToLowerInvariant()} it{(end.Message is null ? "" : ": " + end.Message)}"
                : $"rank {rank} did not end it");
        }

        return text.AppendLine(stuck).Append(result).ToString();
    }
}

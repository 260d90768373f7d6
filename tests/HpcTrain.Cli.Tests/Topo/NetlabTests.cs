using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace HpcTrain.Cli.Tests.Topo;

/// <summary>The links of a topology as shaped links between network namespaces, which the run makes and removes.</summary>
internal sealed class NetlabTests
{
    private static readonly string s_script = Path.Combine(ProgramRun.Root, "bench", "netlab", "netlab.sh");
    private static readonly Dictionary<string, string?> s_environment = new() { ["HPCTRAIN"] = ProgramRun.Hpctrain };
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hpctrain-netlab-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_plan_travels_by_the_links_that_it_names()
    {
        RequireNamespaces();
        // GPUs 1 and 4 have no link to each other: they get one over the shared switch, which is number 3, and which a plan of trees leaves alone.
        string lab = Path.Combine(_folder, "lab.json"), plan = Path.Combine(_folder, "plan.json"), rows = Path.Combine(_folder, "rows.json");
        Succeeds(Run("dgx1v", "--allocation", "0,1,4", "--rate", "200mbit", "--graph", lab));
        Succeeds(ProgramRun.Start(["topo", "plan", lab, "--json", plan]));
        string bench = $"{ProgramRun.Hpctrain} bench allreduce -b 1M -e 1M -n 1 -w 0 --in-place 1 --compare none --algorithm none --schedule {plan} --topology {lab} --json {rows}";
        ProgramRun run = Succeeds(Run("dgx1v", "--allocation", "0,1,4", "--rate", "200mbit", "--timeout", "40", "--",
            "sh", "-c", $"{bench} && for d in /sys/class/net/to*; do echo sent $(hostname) ${{d##*/}} $(cat $d/statistics/tx_bytes); done"));
        JsonElement row = JsonDocument.Parse(File.ReadAllText(rows)).RootElement.GetProperty("rows")[0];
        Assert.That((row.GetProperty("wrong").GetInt64(), row.GetProperty("nodes").GetInt32()), Is.EqualTo((0, 3)));

        Dictionary<(string, string), long> sent = run.Output.Split('\n').Select(line => line.Split(' ')).Where(words => words[0] == "sent")
            .ToDictionary(words => (words[1], words[2]), words => long.Parse(words[3], CultureInfo.InvariantCulture));
        Assert.That(sent.Keys.Select(pair => $"{pair.Item1} {pair.Item2}"),
            Is.EquivalentTo(new[] { "rank0 to1", "rank0 to2", "rank0 to3", "rank1 to0", "rank1 to3", "rank2 to0", "rank2 to3" }));
        foreach (((string node, string device), long bytes) in sent)
            Assert.That(bytes, device == "to3" ? Is.LessThan(200_000) : Is.GreaterThan(1 << 20), $"what {node} sent by {device}");
    }

    [Test]
    public void Nothing_stays_after_an_interruption()
    {
        RequireNamespaces();
        string mark = $"61.{Environment.ProcessId}", started = Path.Combine(_folder, "started");
        int devices = Directory.GetDirectories("/sys/class/net").Length;
        using Process process = Process.Start(new ProcessStartInfo(
            "setsid", [s_script, "ring:n=3", "--timeout", "50", "--", "sh", "-c", $"touch {started}; exec sleep {mark}"])
        { Environment = { ["HPCTRAIN"] = ProgramRun.Hpctrain } })!;
        Until(() => File.Exists(started), "the command to start in the laboratory");
        using (Process interrupt = Process.Start("kill", ["-INT", "--", $"-{process.Id}"]))
            Assert.That(interrupt.WaitForExit(TimeSpan.FromSeconds(10)), "kill did not end");
        Until(() => process.HasExited, "netlab.sh to end after the interruption");
        Assert.That(process.ExitCode, Is.EqualTo(130));
        Until(() => !Commands().Any(command => command.Contains(mark)), "the ranks to end");
        Assert.That(Directory.GetDirectories("/sys/class/net"), Has.Length.EqualTo(devices));
    }

    [TestCase("there is no topology; see --help")]
    [TestCase("--rate takes a rate such as 50mbit, 1gbit or 500kbit, not 'fast'", "ring:n=3", "--rate", "fast", "--check")]
    [TestCase("there is no command to run; see --help", "ring:n=3")]
    [TestCase("there is no option '--speed'; see --help", "ring:n=3", "--speed", "3")]
    public void Wrong_use_is_refused_in_a_sentence(string sentence, params string[] arguments)
    {
        ProgramRun run = Run(arguments);
        Assert.That((run.ExitCode, run.Errors.Trim()), Is.EqualTo((2, $"netlab: {sentence}")));
    }

    [TestCase("'dgx9' is neither a file nor a built-in topology; did you mean 'dgx2'?", "dgx9", "--check")]
    [TestCase("rank 2 has no link to rank 1 in topology 'dgx1v[0,1,4]'; leave --fallback to its default", "dgx1v", "--allocation", "0,1,4", "--fallback", "none", "--check")]
    [TestCase("--unit takes a number above 0, not '-1'", "ring:n=3", "--unit", "-1", "--check")]
    public void So_are_links_that_cannot_be_made(string sentence, params string[] arguments)
    {
        RequireNamespaces();
        ProgramRun run = Run(arguments);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.Errors);
        Assert.That(run.Errors, Does.Contain(sentence));
    }

    private static ProgramRun Run(params string[] arguments) => ProgramRun.Start(s_script, arguments, s_environment);

    private static ProgramRun Succeeds(ProgramRun run)
    {
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Errors);
        return run;
    }

    private static void RequireNamespaces()
    {
        ProgramRun trial = Run("ring:n=2", "--timeout", "30", "--", "true");
        if (trial.ExitCode == 4)
            Assert.Ignore($"no network namespaces here: {trial.Errors.Trim()}");
        Succeeds(trial);
    }

    private static void Until(Func<bool> isDone, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!isDone())
        {
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(40)), $"waited 40 s for {what}");
            Thread.Sleep(50);
        }
    }

    private static IEnumerable<string> Commands() => Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Select(folder =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    });
}

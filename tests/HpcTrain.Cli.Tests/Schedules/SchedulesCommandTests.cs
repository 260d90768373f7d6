using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Tests.Schedules;

/// <summary><c>hpctrain schedules</c> as a user runs it.</summary>
internal sealed class SchedulesCommandTests
{
    [Test]
    public void List_shows_every_algorithm_of_every_collective()
    {
        var run = Run("list");
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        foreach (var algorithm in AlgorithmCatalog.All)
            Assert.That(run.Output, Does.Match($"  {Regex.Escape(algorithm.Name)} +(\\d+ |- )"), algorithm.Name);
        Assert.That(run.Output, Does.Contain("allreduce on 8 ranks\n").And.Contain("2(p-1)α + 2(p-1)/p nβ + (p-1)/p nγ").And.Contain("α per message"));
        Assert.That(Line(run.Output, "  ring "), Does.Match(@"^  ring +14 +1\.75 "));
    }

    [Test]
    public void List_as_json_and_as_markdown()
    {
        using var json = JsonDocument.Parse(Run("list", "--collective", "ALL_REDUCE", "--ranks", "6", "--json").Output);
        var ring = json.RootElement.EnumerateArray().First(row => row.GetProperty("algorithm").GetString() == "ring");
        Assert.That(ring.GetProperty("collective").GetString(), Is.EqualTo("allreduce"));
        Assert.That((ring.GetProperty("ranks").GetInt32(), ring.GetProperty("steps").GetInt32()), Is.EqualTo((6, 10)));
        Assert.That(ring.GetProperty("sentShare").GetDouble(), Is.EqualTo(10.0 / 6).Within(1e-9));
        Assert.That(ring.GetProperty("closedForm").GetString(), Does.StartWith("2(p-1)α"));
        Assert.That(json.RootElement.GetArrayLength(), Is.EqualTo(AlgorithmCatalog.Of(CollectiveKind.AllReduce).Count));

        var lines = Run("list", "--collective", "allreduce", "--ranks", "4", "--markdown").Output.Split('\n');
        Assert.That(lines[0], Is.EqualTo("| Collective | Algorithm | Ranks | Steps | Sent | Cost | Wins for |"));
        Assert.That(lines.First(line => line.StartsWith("| allreduce | ring |")), Does.StartWith("| allreduce | ring | 4 | 6 | 1.5 | "));
    }

    [Test]
    public void Show_prints_programs()
    {
        var all = Run("show", "--algorithm", "ring", "--ranks", "3");
        Assert.That(all.Output, Is.EqualTo(AlgorithmCatalog.Create("ring", new(CollectiveKind.AllReduce, 3)).ToText()), all.Errors);
        var one = Run("show", "--algorithm", "RING", "--ranks", "3", "--rank", "2");
        Assert.That(one.Output, Does.StartWith("ring: allreduce on 3 ranks, 3 chunks\nrank 2\n").And.Contain("0.0    send data[2] to 0").And.Not.Contain("rank 1\n"));
        Assert.That(ScheduleJson.FromJson(Run("show", "--algorithm", "ring", "--ranks", "3", "--json").Output).Ranks, Is.EqualTo(3));
    }

    [Test]
    public void Export_verify_show_and_convert()
    {
        using var files = new TempFiles();
        var export = Run("export", "--algorithm", "halving-doubling", "--ranks", "6", "--format", "msccl", "--out", files["hd.any"]);
        Assert.That((export.ExitCode, export.Output), Is.EqualTo((0, "")), export.Errors);
        Assert.That(export.Errors, Is.EqualTo($"hpctrain: wrote {files["hd.any"]}: halving-doubling: allreduce on 6 ranks, 4 chunks\n"));
        Assert.That(XDocument.Load(files["hd.any"]).Root!.Attribute("coll")!.Value, Is.EqualTo("allreduce"));

        Assert.That(Run("export", files["hd.any"], "--out", files["hd.json"]).ExitCode, Is.Zero);
        Assert.That(ScheduleJson.FromJson(File.ReadAllText(files["hd.json"])).Ranks, Is.EqualTo(6));
        Assert.That(Run("show", files["hd.any"]).Output, Is.EqualTo(Run("show", files["hd.json"]).Output));

        var verify = Run("verify", files["hd.any"], files["hd.json"]);
        Assert.That(verify.ExitCode, Is.Zero, verify.Errors);
        foreach (var name in new[] { "hd.any", "hd.json" })
            Assert.That(verify.Output, Does.Match($"{name}: right\\. halving-doubling: allreduce on 6 ranks, 4 chunks; \\d+ instructions, 6 steps, the busiest rank sends 2\\.5 and reduces 1\\.75 of the buffer\n"));
    }

    [Test]
    public void Export_tells_the_limits_of_the_runtimes()
    {
        using var files = new TempFiles();
        var export = Run("export", "--algorithm", "ring", "--ranks", "40", "--format", "msccl", "--out", files["ring.xml"]);
        Assert.That(export.ExitCode, Is.Zero);
        Assert.That(export.Errors, Does.StartWith("hpctrain: note: A thread block has 79 steps; AMD's runtime takes 64.\n"));
    }

    [Test]
    public void Draw_writes_a_picture()
    {
        using var files = new TempFiles();
        var run = Run("draw", "--algorithm", "ring", "--ranks", "4", "--nodes", "2x2", "--out", files["ring.svg"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        var drawing = XDocument.Load(files["ring.svg"]).Root!;
        Assert.That(drawing.Name.LocalName, Is.EqualTo("svg"));
        Assert.That(drawing.Value, Does.Contain("rank 3").And.Contain("step 6").And.Contain("node 1"));

        Assert.That(Run("draw", "--algorithm", "ring", "--ranks", "40", "--out", files["ring.svg"]).ExitCode, Is.Zero, "what exists is replaced");
        Assert.That(XDocument.Load(files["ring.svg"]).Root!.Value, Does.Contain("Who sends to whom"));
        Assert.That(Run("draw", "--algorithm", "ring", "--ranks", "4", "--view", "summary", "--out", files["small.svg"]).ExitCode, Is.Zero);
        Assert.That(files.Names, Is.EqualTo(new[] { "ring.svg", "small.svg" }));
    }

    [Test]
    public void Verify_tells_each_fault_and_ends_with_3()
    {
        using var files = new TempFiles();
        var ring = AlgorithmCatalog.Create("ring", new(CollectiveKind.AllReduce, 3));
        File.WriteAllText(files["right.json"], ring.ToJson());
        File.WriteAllText(files["wrong.json"], ring.ToJson().Replace("recv-reduce", "recv", StringComparison.Ordinal));
        File.WriteAllText(files["wrong.xml"], ring.ToMsccl().Replace("type=\"rrcs\"", "type=\"rrx\"", StringComparison.Ordinal));
        File.WriteAllText(files["empty"], "");
        var run = Run("verify", files["wrong.json"], files["right.json"], files["wrong.xml"], files["empty"], files["none"], files.Folder);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.BadData));
        Assert.That(run.Output, Does.StartWith($"{files["right.json"]}: right."));
        var faults = run.Errors.TrimEnd().Split('\n');
        Assert.That(faults, Has.Length.EqualTo(5));
        Assert.That(faults[0], Does.StartWith($"hpctrain: {files["wrong.json"]}: Schedule 'ring' on 3 ranks: ").And.Contain("lacking the contribution"));
        Assert.That(faults[1], Does.StartWith($"hpctrain: {files["wrong.xml"]}: Line 5: type=\"rrx\" is not one of s, r"));
        Assert.That(faults[2], Does.StartWith($"hpctrain: {files["empty"]}: The schedule is not valid JSON"));
        Assert.That(faults[3], Is.EqualTo($"hpctrain: There is no schedule file {files["none"]}; check the path."));
        Assert.That(faults[4], Is.EqualTo($"hpctrain: {files.Folder} is a folder, not a schedule file; name a file in it."));
    }

    [Test]
    public void A_wrong_schedule_is_shown_but_neither_drawn_nor_exported()
    {
        using var files = new TempFiles();
        File.WriteAllText(files["wrong.json"], AlgorithmCatalog.Create("ring", new(CollectiveKind.AllReduce, 3)).ToJson().Replace("recv-reduce", "recv", StringComparison.Ordinal));
        Assert.That(Run("show", files["wrong.json"]).ExitCode, Is.Zero);
        foreach (var verb in new[] { "draw", "export" })
        {
            var run = Run(verb, files["wrong.json"], "--out", files["out"]);
            Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.BadData));
            Assert.That(run.Errors, Does.StartWith($"hpctrain: {files["wrong.json"]}: Schedule 'ring'"));
        }
        Assert.That(files.Names, Is.EqualTo(new[] { "wrong.json" }));
    }

    private static IEnumerable<TestCaseData> Misuses =>
    [
        new(new[] { "show" }, "name a schedule: a FILE, or --algorithm NAME --ranks N"),
        new(new[] { "show", "--algorithm", "ring" }, "--ranks is missing"),
        new(new[] { "show", "--algorithm", "rong", "--ranks", "4" }, "no allreduce algorithm 'rong'; the valid ones are ring,"),
        new(new[] { "show", "--algorithm", "auto", "--ranks", "4" }, "'auto' is a choice"),
        new(new[] { "show", "--algorithm", "ring", "--ranks", "0" }, "--ranks must be 1 to 1024, not 0"),
        new(new[] { "show", "--algorithm", "ring", "--ranks", "many" }, "the value of --ranks must be a whole number"),
        new(new[] { "show", "--algorithm", "ring", "--ranks", "4", "--rank", "4" }, "--rank must be 0 to 3, not 4"),
        new(new[] { "show", "--algorithm", "ring", "--ranks", "4", "--rank", "1", "--json" }, "--rank is for text"),
        new(new[] { "show", "--algorithm", "ring", "--ranks", "4", "--root", "1" }, "--root makes no sense for allreduce"),
        new(new[] { "show", "--algorithm", "ring", "--ranks", "4", "--nodes", "3x3" }, "The node map '3x3' has 9 ranks, but there are 4"),
        new(new[] { "show", "--algorithm", "ring", "--ranks", "4", "--collective", "allgatter" }, "did you mean 'allgather'?"),
        new(new[] { "show", "x.json", "--ranks", "4" }, "give one or the other"),
        new(new[] { "list", "--json", "--markdown" }, "exclude each other"),
        new(new[] { "list", "everything" }, "'everything' is neither an option nor a value that belongs here"),
        new(new[] { "verify" }, "FILE is missing"),
        new(new[] { "export", "--algorithm", "ring", "--ranks", "4" }, "--out is missing"),
        new(new[] { "export", "--algorithm", "ring", "--ranks", "4", "--format", "yaml", "--out", "x" }, "--format must be one of json, msccl"),
        new(new[] { "draw", "--algorithm", "ring", "--ranks", "17", "--view", "steps", "--out", "x" }, "up to 16 ranks, not for 17; draw the summary"),
        new(new[] { "draw", "--algorithm", "ring", "--ranks", "300", "--out", "x" }, "A drawing has room for 256 ranks"),
        new(new[] { "draw", "--algorithm", "ring", "--ranks", "4", "--viev", "steps", "--out", "x" }, "did you mean --view?"),
    ];

    [TestCaseSource(nameof(Misuses))]
    public void Misuse_is_a_sentence_that_says_what_would_be_right(string[] arguments, string part)
    {
        var misuse = Assert.Catch<UsageException>(() => CommandFamilies.Table.Run(["schedules", .. arguments]))!;
        Assert.That(misuse.Message, Does.Contain(part).And.Not.Contain("\n"));
    }

    [TestCase("")]
    [TestCase(" list")]
    [TestCase(" show")]
    [TestCase(" verify")]
    [TestCase(" draw")]
    [TestCase(" export")]
    public void Help_has_an_example(string command)
    {
        var run = ProgramRun.Start([.. $"schedules{command}".Split(' '), "--help"]);
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Contain($"Usage: hpctrain schedules{command}").And.Contain("Example").And.Contain($"  hpctrain schedules{command} "));
    }

    [Test]
    public void Help_loads_no_schedules()
    {
        // What the family needs is loaded when it runs, not when the table that names it is printed.
        if (!File.Exists("/usr/bin/strace"))
            Assert.Ignore("no strace to see which files are opened");
        var help = ProgramRun.Start("/usr/bin/strace", ["-f", "-e", "trace=openat", ProgramRun.Hpctrain, "--help"]);
        Assert.That(help.Output, Does.Contain("schedules"));
        Assert.That(help.Errors, Does.Contain("hpctrain.dll").And.Not.Contain("HpcTrain.Collectives.dll").And.Not.Contain("HpcTrain.Drawing.dll"));
    }

    private static ProgramRun Run(params string[] arguments) => ProgramRun.Start(["schedules", .. arguments]);

    private static string Line(string text, string beginning) => text.Split('\n').First(line => line.StartsWith(beginning, StringComparison.Ordinal));
}

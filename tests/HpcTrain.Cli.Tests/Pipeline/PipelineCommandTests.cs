using System.Text.Json;
using System.Xml.Linq;
using HpcTrain.Cli.Tests.Schedules;
using HpcTrain.CommandLine;
using HpcTrain.Pipelines;

namespace HpcTrain.Cli.Tests.Pipeline;

/// <summary><c>hpctrain pipeline</c> as a user runs it.</summary>
internal sealed class PipelineCommandTests
{
    [Test]
    public void A_schedule_is_shown_drawn_and_kept_and_its_file_is_read_again()
    {
        using var files = new TempFiles();
        var run = Run("show", "--schedule", "1f1b", "--stages", "4", "--micro-batches", "8", "--svg", files["s.svg"], "--json", files["s.json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Output, Does.Contain("1f1b: 4 stages, 8 micro-batches").And.Contain("bubble 27.3% of 33 slots").And.Contain("by rank 4, 3, 2, 1")
            .And.Contain("rank 3 |  .  .  . F0 B0 -- F1"));
        Assert.That(XDocument.Load(files["s.svg"]).Root!.Name.LocalName, Is.EqualTo("svg"));
        Assert.That(Run("show", "--file", files["s.json"]).Output, Is.EqualTo(run.Output));
        Assert.That(Run("show", "--file", files["s.json"], "--rank", "1").Output, Does.Contain("     0  receive-activation of micro-batch 0, chunk 1, from rank 0\n     1  forward of"));

        var limited = Run("show", "--file", files["s.json"], "--memory-limit", "3");
        Assert.That(limited.ExitCode, Is.EqualTo(ExitCodes.BadData));
        Assert.That(limited.Errors, Does.Contain("keep activations of 4 micro-batches, and the limit is 3"));
    }

    [Test]
    public void A_wrong_file_is_refused_in_a_sentence()
    {
        using var files = new TempFiles();
        var json = PipelineGenerators.Create("1f1b", new(3, 4)).ToJson();
        File.WriteAllText(files["s.json"], json.Replace("{\"do\": \"receive-gradient\", \"micro_batch\": 0, \"chunk\": 0},", ""));
        foreach (var verb in new[] { "show", "simulate" })
        {
            var run = Run(verb, "--file", files["s.json"]);
            Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.BadData), run.Output);
            Assert.That(run.Errors, Is.EqualTo(
                $"hpctrain: {files["s.json"]}: Schedule '1f1b' on 3 ranks: rank 0, action 6 (backward of micro-batch 0, chunk 0) comes before the gradient of its output.\n"));
        }
    }

    [Test]
    public void A_simulation_says_step_bubble_and_memory()
    {
        using var files = new TempFiles();
        var run = Run("simulate", "--schedule", "gpipe", "--stages", "4", "--micro-batches", "8", "--forward-ms", "10", "--backward-ms", "20", "--activation", "1M", "--svg", files["s.svg"],
            "--json", files["s.json"], "--trace", files["t.json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Output, Does.Contain("step 330 ms, bubble 27.3%").And.Contain("8.0 MiB"));
        using var json = JsonDocument.Parse(File.ReadAllText(files["s.json"]));
        Assert.That(json.RootElement.GetProperty("step_ms").GetDouble(), Is.EqualTo(330).Within(1e-9));
        Assert.That(json.RootElement.GetProperty("bubble").GetDouble(), Is.EqualTo(3 / 11.0).Within(1e-12));
        Assert.That(json.RootElement.GetProperty("ranks").EnumerateArray().Select(rank => rank.GetProperty("peak_bytes").GetInt64()), Is.All.EqualTo(8 << 20));
        using var trace = JsonDocument.Parse(File.ReadAllText(files["t.json"]));
        Assert.That(trace.RootElement.GetProperty("traceEvents").EnumerateArray().Count(one => one.GetProperty("ph").GetString() == "X" && one.GetProperty("cat").GetString() == "backward"), Is.EqualTo(32));
        Assert.That(XDocument.Load(files["s.svg"]).Root!.Name.LocalName, Is.EqualTo("svg"));

        var slow = Run("simulate", "--schedule", "1f1b", "--stages", "2", "--micro-batches", "4", "--forward-ms", "10,20", "--message", "10M", "--bandwidth", "1.048576", "--latency-us", "5", "--step-ms", "3");
        Assert.That(slow.ExitCode, Is.Zero, slow.Errors);
        Assert.That(slow.Output, Does.Contain("step 293 ms"), "a forward of 10 ms, 10 ms to the second stage, 4 of 60 ms there, 10 ms back, a backward of 20 ms, the step, and twice the latency");
    }

    [Test]
    public void A_simulation_recomputes()
    {
        using var files = new TempFiles();
        var run = Run("simulate", "--schedule", "1f1b", "--stages", "4", "--micro-batches", "8", "--activation", "1M", "--message", "16K", "--recompute", "--json", files["s.json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        using var json = JsonDocument.Parse(File.ReadAllText(files["s.json"]));
        Assert.That(json.RootElement.GetProperty("step_ms").GetDouble(), Is.EqualTo(44).Within(1e-9), "11 times two forwards and a backward of two");
        Assert.That(json.RootElement.GetProperty("ranks")[0].GetProperty("peak_bytes").GetInt64(), Is.EqualTo((1 << 20) + (4 * (16 << 10))));
    }

    [Test]
    public void A_profile_is_printed_and_cut_and_simulated()
    {
        using var files = new TempFiles();
        var layers = new LayerProfile([.. Enumerable.Range(0, 12).Select(layer => new LayerCost($"block {layer}", 0.004, 0.008, 1 << 20, 1 << 18) { OutputBytes = 1 << 16 })]);
        File.WriteAllText(files["p.json"], layers.ToJson());
        var run = Run("plan", "--profile", files["p.json"], "--stages", "4", "--json", files["cut.json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Output, Does.Contain("  11  block 11").And.Contain("36 ms       100.0%").And.Contain("9-11").And.Contain("no partition has a faster slowest rank").And.Contain("bubble 27.3%"));
        Assert.That(ModelCut.Load(files["cut.json"]).Cuts, Is.EqualTo([0, 3, 6, 9, 12]));
        Assert.That(Run("plan", "--profile", files["p.json"], "--stages", "4", "--cut", "1,2,3").Output, Does.Contain("cut by hand; no partition has a slowest rank under 36 ms, 66.7% less"));
        Assert.That(Run("simulate", "--profile", files["p.json"], "--schedule", "interleaved", "--stages", "2", "--chunks", "3").Output, Does.Contain("bubble 7.7%"));

        var small = Run("plan", "--profile", files["p.json"], "--stages", "4", "--memory-limit", "6M");
        Assert.That(small.ExitCode, Is.EqualTo(ExitCodes.BadData));
        Assert.That(small.Errors, Is.EqualTo(
            "hpctrain: No partition is within 6291456 bytes (6 MiB) per rank; the smallest limit that one meets is 9961472 bytes (9.5 MiB).\n"));
        Assert.That(Run("plan", "--profile", files["p.json"], "--stages", "4", "--memory-limit", "9728K").ExitCode, Is.Zero);
        var many = Run("plan", "--profile", files["p.json"], "--stages", "7", "--chunks", "2");
        Assert.That((many.ExitCode, many.Errors), Is.EqualTo((ExitCodes.Usage, "hpctrain: --stages 7 with --chunks 2 needs at least 14 layers, and the model has 12; take fewer\n")));
    }

    [Test]
    public void The_list_says_what_each_schedule_comes_to()
    {
        Assert.That(Run("list").Output, Does.Contain("zero-bubble").And.Contain("bubble (S-1)/(3M+S-1); memory min(M, S)").And.Not.Contain("here:"));
        Assert.That(Run("list", "--stages", "4", "--micro-batches", "8").Output, Does.Contain("here: bubble 11.1%, memory 4").And.Contain("here: interleaved needs at least two chunks"));
    }

    [TestCase(ExitCodes.Usage, "name a schedule: --schedule NAME, or --file FILE", "show")]
    [TestCase(ExitCodes.Usage, "--stages is missing", "show", "--schedule", "1f1b")]
    [TestCase(ExitCodes.Usage, "there is no pipeline schedule '1f1'; did you mean '1f1b'?", "show", "--schedule", "1f1", "--stages", "2")]
    [TestCase(ExitCodes.Usage, "zero-bubble needs at least as many micro-batches as stages", "show", "--schedule", "zero-bubble", "--stages", "4", "--micro-batches", "3")]
    [TestCase(ExitCodes.Usage, "interleaved needs a multiple of the stages", "simulate", "--schedule", "interleaved", "--stages", "4", "--micro-batches", "6", "--chunks", "2")]
    [TestCase(ExitCodes.Usage, "--stages must be 1 to 4096, not 0", "show", "--schedule", "1f1b", "--stages", "0")]
    [TestCase(ExitCodes.Usage, "are more than 1048576 forwards", "show", "--schedule", "gpipe", "--stages", "4096", "--micro-batches", "4096")]
    [TestCase(ExitCodes.Usage, "--file has a whole schedule", "show", "--file", "x.json", "--stages", "2")]
    [TestCase(ExitCodes.Usage, "--rank must be 0 to 1, not 2", "show", "--schedule", "1f1b", "--stages", "2", "--rank", "2")]
    [TestCase(ExitCodes.Usage, "--memory-limit must be at least 1 micro-batch", "show", "--schedule", "1f1b", "--stages", "2", "--memory-limit", "0")]
    [TestCase(ExitCodes.Usage, "--forward-ms takes one time, or 4, one per stage, or 8, one per chunk; not 3", "simulate", "--schedule", "interleaved", "--stages", "4", "--chunks", "2", "--forward-ms", "1,2,3")]
    [TestCase(ExitCodes.Usage, "--backward-ms takes times of 0 ms or more, not 'x'", "simulate", "--schedule", "1f1b", "--stages", "2", "--backward-ms", "x")]
    [TestCase(ExitCodes.Usage, "--bandwidth must be above 0, not 0", "simulate", "--schedule", "1f1b", "--stages", "2", "--bandwidth", "0")]
    [TestCase(ExitCodes.Usage, "--weight-share must be from 0 to 1, not 2", "simulate", "--schedule", "zero-bubble", "--stages", "2", "--weight-share", "2")]
    [TestCase(ExitCodes.Usage, "--profile is missing", "plan", "--stages", "2")]
    [TestCase(ExitCodes.BadData, "There is no profile file no-such.json; check the path", "plan", "--profile", "no-such.json", "--stages", "2")]
    [TestCase(ExitCodes.BadData, "There is no pipeline schedule file no-such.json; check the path", "simulate", "--file", "no-such.json")]
    [TestCase(ExitCodes.InputOutput, "no-such-folder", "show", "--schedule", "1f1b", "--stages", "2", "--svg", "/no-such-folder/x.svg")]
    public void Mistakes_are_said_in_a_sentence(int code, string words, params string[] arguments)
    {
        var run = Run(arguments);
        Assert.That(run.ExitCode, Is.EqualTo(code), run.Output + run.Errors);
        Assert.That(run.Errors, Does.Contain(words));
        Assert.That(run.Errors.TrimEnd('\n').Split('\n'), Has.Length.EqualTo(1), "one sentence");
        Assert.That(run.Output, Is.Empty);
    }

    private static ProgramRun Run(params string[] words) => ProgramRun.Start(["pipeline", .. words]);
}

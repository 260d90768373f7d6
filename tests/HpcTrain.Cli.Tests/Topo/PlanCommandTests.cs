using System.Text.Json;
using System.Xml.Linq;
using HpcTrain.Cli.Tests.Schedules;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Tests.Topo;

/// <summary><c>hpctrain topo plan</c> as a user runs it.</summary>
internal sealed class PlanCommandTests
{
    [Test]
    public void The_report_says_optimum_cut_method_rate_and_trees()
    {
        var run = Run("dgx1v", "--allocation", "0,3-4");
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Output, Does.StartWith("allreduce on dgx1v[0,3,4], 3 ranks\n")
            .And.Contain("\n  optimum     50 GB/s\n").And.Contain("\n  limited by  {gpu0} | {gpu3} | {gpu4}: 100 GB/s over gpu0-gpu3, gpu0-gpu4\n")
            .And.Contain("\n  method      trees\n").And.Contain("\n  rate        50 GB/s, 100% of the optimum\n")
            .And.Contain("\n  compared    reduce-scatter+allgather: 37.5 GB/s (75/2)\n")
            .And.Contain("\n  NCCL's ring 7.5 GB/s (15/2) (no ring over links between devices, one over the rest at 10 GB/s); the plan is 6.67 times as fast\n")
            .And.Contain("\n1 tree\n   0  root 0, 50 GB/s, depth 1: 0-1  0-2\n"));
        Assert.That(Run("dgx1v", "--allocation", "0,3,4", "--fallback", "5").Output, Does.Contain("one over the rest at 5 GB/s"));
    }

    [Test]
    public void The_plan_is_written_and_reads_back()
    {
        using var files = new TempFiles();
        File.WriteAllText(files["links.json"], """{"ranks": 3, "links": [{"from": 0, "to": 1, "bandwidth": 25.0, "both": true}, {"from": 1, "to": 2, "bandwidth": 10, "both": true}]}""");
        var run = Run(files["links.json"], "--collective", "broadcast", "--root", "2", "--json", files["plan.json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Errors, Is.EqualTo($"hpctrain: wrote {files["plan.json"]}\n"));
        var plan = LinkPlanJson.Read(File.ReadAllText(files["plan.json"]));
        Assert.That((plan.Collective, plan.Rate, plan.Trees[0].Root), Is.EqualTo((PackedCollective.Broadcast, (Rational)10, 2)));
        using var json = JsonDocument.Parse(File.ReadAllText(files["plan.json"]));
        Assert.That(json.RootElement.GetProperty("rate").GetDouble(), Is.EqualTo(10.0));
    }

    [Test]
    public void The_plan_is_drawn_and_written_for_GPUs()
    {
        using var files = new TempFiles();
        var run = Run("dgx1v", "--allocation", "0-5", "--json", files["plan.json"], "--svg", files["plan.svg"], "--msccl", files["plan.xml"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(XDocument.Load(files["plan.svg"]).Root!.Name.LocalName, Is.EqualTo("svg"));
        Schedule schedule = ScheduleFile.Load(files["plan.xml"]);
        Assert.That((schedule.Algorithm, schedule.Ranks), Is.EqualTo(("plan:trees", 6)));
        Assert.That(ScheduleFile.Load(files["plan.json"]).Chunks.Sum(chunk => chunk.Weight), Is.EqualTo(schedule.Chunks.Length), "MSCCL has chunks of one length");
        Assert.That(TopoCommandTests.Run("draw", "--plan", files["plan.json"], "--out", files["again.svg"]).ExitCode, Is.Zero);
        Assert.That(File.ReadAllText(files["again.svg"]), Is.EqualTo(File.ReadAllText(files["plan.svg"])));
    }

    [Test]
    public void A_limit_of_trees_has_its_price()
    {
        var run = Run("dgx1v", "--max-trees", "3", "--planner", "exact");
        Assert.That(run.Output, Does.Contain("rate        75 GB/s, 87.5% of the optimum").And.Contain("at most 3 trees cost 12.5% of the optimum"), run.Errors);
    }

    [TestCase(ExitCodes.BadData, "from gpu1 no links lead to gpu4", "dgx1v", "--allocation", "1,4")]
    [TestCase(ExitCodes.Usage, "there is no rank 9 in topology 'dgx1v'", "dgx1v", "--allocation", "1,9")]
    [TestCase(ExitCodes.BadData, "There is no rank 8 in topology 'dgx1v'", "dgx1v", "--collective", "broadcast", "--root", "8")]
    [TestCase(ExitCodes.BadData, "has one rank", "dgx1v", "--allocation", "3")]
    [TestCase(ExitCodes.Usage, "'0-x' in --allocation 0-x is neither", "dgx1v", "--allocation", "0-x")]
    [TestCase(ExitCodes.Usage, "did you mean 'dgx1p'?", "dgx1q")]
    [TestCase(ExitCodes.Usage, "there is no plan for a collective 'gather'", "dgx1v", "--collective", "gather")]
    [TestCase(ExitCodes.Usage, "--root is for a broadcast", "dgx1v", "--root", "2")]
    [TestCase(ExitCodes.Usage, "--max-trees must be at least 1, not 0", "dgx1v", "--max-trees", "0")]
    [TestCase(ExitCodes.Usage, "--bytes and --switch-us are for --links hybrid", "dgx1v", "--bytes", "5")]
    [TestCase(ExitCodes.Usage, "--bytes must be a size above 0 such as 64K or 16M, not '0'", "dgx1v", "--links", "hybrid", "--bytes", "0")]
    [TestCase(ExitCodes.Usage, "--bytes must be a size above 0 such as 64K or 16M, not '1X'", "dgx1v", "--links", "hybrid", "--bytes", "1X")]
    [TestCase(ExitCodes.BadData, "so there is nothing to split", "dgx1v", "--links", "hybrid", "--bytes", "64M", "--switch-us", "5")]
    [TestCase(ExitCodes.Usage, "--fallback must be a bandwidth", "dgx1v", "--fallback", "-3")]
    [TestCase(ExitCodes.Usage, "FILE|NAME is missing")]
    public void Mistakes_are_said_in_a_sentence(int code, string words, params string[] arguments)
    {
        var run = Run(arguments);
        Assert.That(run.ExitCode, Is.EqualTo(code), run.Errors);
        Assert.That(run.Errors, Does.StartWith("hpctrain: ").And.Contain(words));
        Assert.That(run.Errors.TrimEnd().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(run.Output, Is.Empty);
    }

    [Test]
    public void The_help_has_examples_and_tells_of_the_patent() =>
        Assert.That(Run("--help").Output, Does.Contain("hpctrain topo plan dgx1v").And.Contain("11,868,880"));

    private static ProgramRun Run(params string[] arguments) => ProgramRun.Start(["topo", "plan", .. arguments]);
}

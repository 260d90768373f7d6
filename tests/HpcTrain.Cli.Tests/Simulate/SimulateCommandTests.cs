using System.Text.Json;
using System.Xml.Linq;
using HpcTrain.Cli.Tests.Schedules;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Tests.Simulate;

/// <summary><c>hpctrain simulate</c> as a user runs it.</summary>
internal sealed class SimulateCommandTests
{
    [Test]
    public void The_table_has_a_line_for_each_algorithm_size_and_number_of_ranks()
    {
        using var files = new TempFiles();
        var run = Run("--topology", "torus:dims=2x4", "--ranks", "4,8", "--algorithm", "ring,halving-doubling", "-b", "4K", "-e", "64K", "-f", "4", "--latency-us", "1",
            "--csv", files["t.csv"], "--json", files["t.json"], "--chart", files["t.svg"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Output.Split('\n').Count(line => line.Contains("% of the time")), Is.EqualTo(2 * 2 * 3), run.Output);
        Assert.That(File.ReadAllLines(files["t.csv"]), Has.Length.EqualTo(1 + (2 * 2 * 3)));
        using var json = JsonDocument.Parse(File.ReadAllText(files["t.json"]));
        Assert.That(json.RootElement.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("links").GetArrayLength()), Is.All.Positive);
        Assert.That(json.RootElement.GetProperty("rows")[0].GetProperty("links")[0].GetProperty("link").GetString(), Does.Match("^node[0-9]+>node[0-9]+$"));
        Assert.That(XDocument.Load(files["t.svg"]).Root!.Name.LocalName, Is.EqualTo("svg"));
    }

    [Test]
    public void A_ring_takes_what_its_closed_form_says()
    {
        using var files = new TempFiles();
        var run = Run("--topology", "full:n=8,bandwidth=10", "--algorithm", "ring", "-b", "8000000", "--segment", "64M", "--latency-us", "2", "--json", files["t.json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        using var json = JsonDocument.Parse(File.ReadAllText(files["t.json"]));
        Assert.That(json.RootElement.GetProperty("rows")[0].GetProperty("time_us").GetDouble(), Is.EqualTo(14 * (2 + 100.0)).Within(0.1).Percent);
    }

    [Test]
    public void Acknowledgements_are_waited_for()
    {
        using var files = new TempFiles();
        var run = Run("--topology", "full:n=2,bandwidth=10", "--collective", "broadcast", "--algorithm", "binomial", "-b", "8M", "--segment", "1M", "--in-flight", "1",
            "--latency-us", "50", "--acknowledge", "1K", "--json", files["t.json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        using var json = JsonDocument.Parse(File.ReadAllText(files["t.json"]));
        const double Segment = (1 << 20) / 10e3, Acknowledgement = 1024 / 10e3;
        Assert.That(json.RootElement.GetProperty("rows")[0].GetProperty("time_us").GetDouble(), Is.EqualTo(8 * (Segment + 50 + Acknowledgement + 50)).Within(0.1).Percent);
    }

    [Test]
    public void A_plan_is_simulated_drawn_and_traced_along_its_ways()
    {
        using var files = new TempFiles();
        Assert.That(ProgramRun.Start(["topo", "plan", "dgx1v", "--allocation", "0-4", "--json", files["plan.json"]]).ExitCode, Is.Zero);
        var run = Run("--topology", "dgx1v", "--allocation", "0-4", "--schedule", files["plan.json"], "-b", "16M", "--svg", files["s.svg"], "--trace", files["s.json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Output, Does.Contain("plan:trees"));
        Assert.That(XDocument.Load(files["s.svg"]).Descendants().Count(element => element.Name.LocalName == "rect"), Is.GreaterThanOrEqualTo(8));
        using var trace = JsonDocument.Parse(File.ReadAllText(files["s.json"]));
        var events = trace.RootElement.GetProperty("traceEvents").EnumerateArray().ToArray();
        Assert.That(events.Count(one => one.GetProperty("ph").GetString() == "X"), Is.EqualTo(16 * 8), "16 segments over 8 directed links");

        var other = Run("--topology", "dgx1v", "--allocation", "0-3,5", "--schedule", files["plan.json"]);
        Assert.That(other.ExitCode, Is.EqualTo(ExitCodes.BadData), other.Errors);
        Assert.That(other.Errors, Does.Contain("fingerprint").And.Contain("dgx1v[0,1,2,3,5]"));
    }

    [Test]
    public void The_model_gives_a_plan_the_segments_that_suit_what_messages_cost()
    {
        using var files = new TempFiles();
        Assert.That(ProgramRun.Start(["topo", "plan", "dgx1v", "--json", files["plan.json"]]).ExitCode, Is.Zero);
        double Time(string segment)
        {
            var run = Run("--topology", "dgx1v", "--schedule", files["plan.json"], "-b", "64M", "--overhead-us", "2", "--segment", segment, "--json", files["t.json"]);
            Assert.That(run.ExitCode, Is.Zero, run.Errors);
            Assert.That(run.Output.Contains("by messages of at most"), Is.EqualTo(segment == "model"));
            using var json = JsonDocument.Parse(File.ReadAllText(files["t.json"]));
            return json.RootElement.GetProperty("rows")[0].GetProperty("time_us").GetDouble();
        }

        Assert.That(Time("model"), Is.LessThan(Time("4K")).And.LessThan(Time("4M")));
        Assert.That(Run("--topology", "dgx1v", "--schedule", files["plan.json"], "--segment", "model").Errors, Does.Contain("give --overhead-us or --latency-us"));
        Assert.That(Run("--topology", "dgx1v", "--algorithm", "ring", "--segment", "model", "--overhead-us", "2").Errors, Does.Contain("--segment model is for a plan"));
    }

    [TestCase(ExitCodes.Usage, "name what to simulate", "--topology", "dgx1v")]
    [TestCase(ExitCodes.Usage, "did you mean 'dgx1p'?", "--topology", "dgx1q", "--algorithm", "ring")]
    [TestCase(ExitCodes.Usage, "--ranks 9 is more than topology 'dgx1v' has, which is 8", "--topology", "dgx1v", "--algorithm", "ring", "--ranks", "9")]
    [TestCase(ExitCodes.Usage, "--ranks takes numbers from 1 to", "--topology", "dgx1v", "--algorithm", "ring", "--ranks", "x")]
    [TestCase(ExitCodes.Usage, "there is no collective 'alreduce'; did you mean 'allreduce'?", "--topology", "dgx1v", "--algorithm", "ring", "--collective", "alreduce")]
    [TestCase(ExitCodes.Usage, "rung", "--topology", "dgx1v", "--algorithm", "rung")]
    [TestCase(ExitCodes.Usage, "--min-bytes must be a size above 0", "--topology", "dgx1v", "--algorithm", "ring", "-b", "0")]
    [TestCase(ExitCodes.Usage, "--max-bytes 1M is less than --min-bytes 2M", "--topology", "dgx1v", "--algorithm", "ring", "-b", "2M", "-e", "1M")]
    [TestCase(ExitCodes.Usage, "--factor must be at least 2", "--topology", "dgx1v", "--algorithm", "ring", "-f", "1")]
    [TestCase(ExitCodes.Usage, "--latency-us must be 0 or more", "--topology", "dgx1v", "--algorithm", "ring", "--latency-us", "-1")]
    [TestCase(ExitCodes.Usage, "--reduce-gbs must be above 0", "--topology", "dgx1v", "--algorithm", "ring", "--reduce-gbs", "0")]
    [TestCase(ExitCodes.Usage, "--in-flight must be at least 1", "--topology", "dgx1v", "--algorithm", "ring", "--in-flight", "0")]
    [TestCase(ExitCodes.Usage, "--segment must be a size above 0", "--topology", "dgx1v", "--algorithm", "ring", "--segment", "0")]
    [TestCase(ExitCodes.Usage, "--acknowledge must be a size above 0 such as 64, not 'no'", "--topology", "dgx1v", "--algorithm", "ring", "--acknowledge", "no")]
    [TestCase(ExitCodes.Usage, "--overhead-us must be 0 or more", "--topology", "dgx1v", "--algorithm", "ring", "--overhead-us", "nan")]
    [TestCase(ExitCodes.Usage, "show one run, and this would be 2", "--topology", "dgx1v", "--algorithm", "ring,direct", "--svg", "x.svg")]
    [TestCase(ExitCodes.InputOutput, "no-such-folder", "--topology", "dgx1v", "--algorithm", "ring", "--csv", "/no-such-folder/x.csv")]
    [TestCase(ExitCodes.BadData, "cannot reach", "--topology", "dgx1v", "--allocation", "1,4", "--algorithm", "ring")]
    [TestCase(ExitCodes.BadData, "check the path", "--topology", "dgx1v", "--schedule", "no-such.json")]
    public void Mistakes_are_said_in_a_sentence(int code, string words, params string[] arguments)
    {
        var run = Run(arguments);
        Assert.That(run.ExitCode, Is.EqualTo(code), run.Output + run.Errors);
        Assert.That(run.Errors, Does.Contain(words));
        Assert.That(run.Errors.TrimEnd('\n').Split('\n'), Has.Length.EqualTo(1), "one sentence");
        if (code == ExitCodes.Usage)
            Assert.That(run.Output, Is.Empty, "no table is begun");
    }

    private static ProgramRun Run(params string[] words) => ProgramRun.Start(["simulate", .. words]);
}

using System.Text.Json;
using System.Xml.Linq;
using HpcTrain.Cli.Tests.Schedules;
using HpcTrain.CommandLine;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Tests.Topo;

/// <summary><c>hpctrain topo</c> as a user runs it.</summary>
internal sealed class TopoCommandTests
{
    [Test]
    public void Show_tells_nodes_links_and_bandwidths()
    {
        var run = Run("show", "dgx1v", "--allocation", "0-1,4,5");
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Output, Does.Contain("topology     dgx1v[0,1,4,5]\n").And.Contain("nodes        4 ranks\n").And.Contain("connected    yes\n"));
        Assert.That(run.Output, Does.Match(@"gpu0 - gpu4 +50 +NV2\n").And.Match(@"each +75 +75\n"));
        Assert.That(run.Output, Does.Contain($"fingerprint  {BuiltInTopologies.Create("dgx1v").Allocate([0, 1, 4, 5]).Fingerprint}\n"));
    }

    [Test]
    public void Show_sums_up_large_topologies()
    {
        var run = Run("show", "fat-tree:k=16");
        Assert.That(run.Output, Does.Contain("1024 ranks, 320 switches").And.Contain("1024 of 1 rank\n").And.Match("1024 rank - switch +12.5\n").And.Match("2048 switch - switch +12.5\n"));
        Assert.That(run.Output.Split('\n'), Has.Length.LessThan(20));
    }

    [Test]
    public void Links_are_counted_alike_everywhere()
    {
        using var files = new TempFiles();
        File.WriteAllText(files["l.json"], """{"ranks": 3, "links": [{"from": 0, "to": 1, "bandwidth": 2, "both": true}, {"from": 1, "to": 2, "bandwidth": 2}, {"from": 2, "to": 1, "bandwidth": 1}]}""");
        Assert.That(Run("show", files["l.json"]).Output, Does.Contain("links        1 two-way link, 2 one-way links\n").And.Match("rank0 - rank1 +2\n").And.Match("rank1 > rank2 +2\n").And.Match("rank2 > rank1 +1\n"));
        Assert.That(Run("show", "fat-tree:k=16").Output, Does.Contain("links        3072 two-way links\n"));
        Assert.That(Run("draw", files["l.json"], "--out", files["l.svg"]).Errors, Does.EndWith(", 3 ranks, 1 two-way link, 2 one-way links\n"));
        Assert.That(Run("convert", files["l.json"], "--out", files["m.json"]).Errors, Does.EndWith(", 3 ranks, 1 two-way link, 2 one-way links\n"));
        File.WriteAllText(files["none.json"], "{\"ranks\": 2, \"links\": []}");
        Assert.That(Run("show", files["none.json"]).Output, Does.Contain("links        no link\n"));
    }

    [Test]
    public void Show_names_ranks_that_are_cut_off()
    {
        var run = Run("show", "ring:n=6", "--allocation", "0,1,3,4");
        Assert.That(run.Output, Does.Contain("connected    no: node3, node4 and node0 do not reach each other\n"), run.Errors);
    }

    [Test]
    public void Show_as_json_has_every_link()
    {
        using var json = JsonDocument.Parse(Run("show", "dgx-a100:boxes=2", "--json").Output);
        var root = json.RootElement;
        Assert.That((root.GetProperty("ranks").GetInt32(), root.GetProperty("nics").GetInt32(), root.GetProperty("switches").GetInt32()), Is.EqualTo((16, 16, 4)));
        Assert.That(root.GetProperty("links").GetArrayLength(), Is.EqualTo(48));
        Assert.That(root.GetProperty("boxes")[1].GetProperty("ranks")[0].GetInt32(), Is.EqualTo(8));
        Assert.That(root.GetProperty("rank_bandwidths")[3].GetProperty("out").GetDouble(), Is.EqualTo(325));
        Assert.That(root.GetProperty("connected").GetBoolean(), Is.True);
    }

    [Test]
    public void Convert_writes_what_reads_back_equal()
    {
        using var files = new TempFiles();
        var run = Run("convert", "mi250", "--allocation", "3,2,1", "--out", files["mine"]);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((0, "")), run.Errors);
        Assert.That(TopologyFile.Load(files["mine"]).Fingerprint, Is.EqualTo(BuiltInTopologies.Create("mi250").Allocate([3, 2, 1]).Fingerprint));
        Assert.That(Run("convert", files["mine"]).Output, Is.EqualTo(File.ReadAllText(files["mine"])));
        Assert.That(Run("convert", files["mine"], "--format", "dot").Output, Does.StartWith("digraph ").And.Contain("n0 -> n1"));
    }

    [Test]
    public void Draw_writes_a_drawing()
    {
        using var files = new TempFiles();
        var run = Run("draw", "dgx1v", "--links", "nvlink", "--title", "Ours", "--out", files["d.svg"]);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((0, "")), run.Errors);
        Assert.That(XDocument.Load(files["d.svg"]).Root!.Elements().First().Value, Is.EqualTo("Ours"));
        Assert.That(run.Errors, Is.EqualTo($"hpctrain: wrote {files["d.svg"]}: dgx1v, 8 ranks, nvlink of 16 two-way links\n"));
    }

    [TestCase("'dgx1' is neither a file nor a built-in topology; did you mean 'dgx1p'? The built-in ones are dgx1p, ", "show", "dgx1")]
    [TestCase("there is no topology file 'no/such.json'", "show", "no/such.json")]
    [TestCase("Parameter n of topology 'ring' is x; it needs to be a whole number", "draw", "ring:n=x", "--out", "/dev/null")]
    [TestCase("there is no rank 8 in topology 'dgx1v'; its ranks are numbered from 0 to 7", "convert", "dgx1v", "--allocation", "0,8")]
    [TestCase("Rank 1 is named twice in the allocation 0,1,2,1", "convert", "dgx1v", "--allocation", "0-2,1")]
    [TestCase("'5-3' in --allocation 5-3 is neither a rank nor a range of ranks; an allocation is 0,1,4,5 or 0-3,6", "show", "dgx1v", "--allocation", "5-3")]
    [TestCase("'' in --allocation 1, is neither a rank nor a range", "show", "dgx1v", "--allocation", "1,")]
    [TestCase("TOPOLOGY is missing", "show")]
    [TestCase("--out is missing", "draw", "dgx1v")]
    public void Mistakes_of_the_command_line_are_one_sentence(string sentence, params string[] words)
    {
        var run = Run(words);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCodes.Usage, "")));
        Assert.That(run.Errors, Does.StartWith($"hpctrain: {sentence}"));
        Assert.That(run.Errors.Count(letter => letter == '\n'), Is.EqualTo(1));
    }

    [Test]
    public void A_malformed_file_is_bad_data_and_the_line_is_named()
    {
        using var files = new TempFiles();
        File.WriteAllText(files["bad.json"], "{\"ranks\": 2,\n \"links\": [\n  {\"from\": 0, \"to\": 5, \"bandwidth\": 1}]}");
        var run = Run("show", files["bad.json"]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.BadData));
        Assert.That(run.Errors, Does.StartWith($"hpctrain: {files["bad.json"]}, line 3: ").And.Contain("There is no rank 5"));
    }

    [Test]
    public void A_file_that_may_not_be_read_is_named()
    {
        // Without the capabilities that let root pass over permissions, as any user.
        using var files = new TempFiles();
        File.WriteAllText(files["closed"], "{}");
        File.SetUnixFileMode(files["closed"], UnixFileMode.None);
        foreach (string[] words in new[] { ["topo", "show", files["closed"]], ["topo", "draw", "--plan", files["closed"], "--out", files["d.svg"]], new[] { "simulate", "--topology", "dgx1v", "--schedule", files["closed"] } })
        {
            var run = Environment.UserName == "root"
                ? ProgramRun.Start("/usr/bin/setpriv", ["--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search", "--", ProgramRun.Hpctrain, .. words])
                : ProgramRun.Start(words);
            Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCodes.InputOutput, "")), run.Errors);
            Assert.That(run.Errors, Does.StartWith("hpctrain: ").And.Contain(files["closed"]).And.Contain("denied"));
            Assert.That(run.Errors.Count(letter => letter == '\n'), Is.EqualTo(1));
        }
    }

    // Each is refused by the reader or the planner, in a sentence with the names of what is wrong.
    [TestCase("line 2: A bandwidth of 0 GB/s is not possible; it needs to be more than 0.", "{\"from\": 0, \"to\": 1, \"bandwidth\": 0}")]
    [TestCase("line 2: A bandwidth of -25 GB/s is not possible; it needs to be more than 0.", "{\"from\": 0, \"to\": 1, \"bandwidth\": -25}")]
    [TestCase("line 2: There is no node 'gpu7'.", "{\"from\": 0, \"to\": \"gpu7\", \"bandwidth\": 1}")]
    [TestCase("line 3: There is another link from rank1 to rank0; add up their bandwidths in one.", "{\"from\": 0, \"to\": 1, \"bandwidth\": 1, \"both\": true},\n{\"from\": 1, \"to\": 0, \"bandwidth\": 1}")]
    [TestCase("is disconnected: from rank0 no links lead to rank2; leave them out of the allocation, or add links.", "{\"from\": 0, \"to\": 1, \"bandwidth\": 1, \"both\": true}")]
    [TestCase("has 6 GB/s in and 5 GB/s out", "{\"from\": 0, \"to\": \"sw\", \"bandwidth\": 2, \"both\": true},\n{\"from\": 1, \"to\": \"sw\", \"bandwidth\": 2, \"both\": true},\n"
        + "{\"from\": 2, \"to\": \"sw\", \"bandwidth\": 2}, {\"from\": \"sw\", \"to\": 2, \"bandwidth\": 1}")]
    public void Links_that_cannot_be_planned_for_are_bad_data(string words, string links)
    {
        using var files = new TempFiles();
        File.WriteAllText(files["bad.json"], $"{{\"ranks\": 3, \"switches\": [\"sw\"], \"links\": [\n{links}]}}");
        var run = Run("plan", files["bad.json"]);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCodes.BadData, "")));
        Assert.That(run.Errors, Does.StartWith("hpctrain: ").And.Contain(files["bad.json"]).And.Contain(words));
        Assert.That(run.Errors.Count(letter => letter == '\n'), Is.EqualTo(1));
    }

    internal static ProgramRun Run(params string[] words) => ProgramRun.Start(["topo", .. words]);
}

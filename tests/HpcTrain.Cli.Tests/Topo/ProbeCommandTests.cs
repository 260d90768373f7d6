using System.Globalization;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;
using HpcTrain.Testing;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Tests.Topo;

internal sealed class ProbeCommandTests
{
    private static readonly string s_netns = Path.Combine(ProgramRun.Root, "bench", "network", "netns.sh");
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("hpctrain-probe-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Ranks_of_this_machine_are_probed_and_the_file_is_a_topology([ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor, [Values(2, 4)] int ranks)
    {
        if (!Launchers.Has(flavor))
            Assert.Ignore($"no mpirun of {flavor.DisplayName()} on this machine");
        string path = Path.Combine(folder, "here.json");
        ProgramRun run = ProgramRun.Start(["topo", "probe", "--mpi", flavor == MpiFlavor.Mpich ? "mpich" : "openmpi",
            "--ranks", ranks.ToString(CultureInfo.InvariantCulture), "--time", "2", "--out", path]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors + run.Output);
        Assert.That(run.Output, Does.StartWith($"{ranks} ranks on 1 node, ").And.Contain("GB/s alone").And.Contain($"The topology is in {path}, fingerprint "));
        Assert.That(run.Errors, Does.Contain("probing").And.Contain("round"), "progress");
        LinkGraph graph = LinkGraphJson.Read(File.ReadAllText(path), path);
        Assert.That((graph.Name, graph.Ranks, graph.UnreachableFrom(0).Count), Is.EqualTo(("here", ranks, 0)));
        Assert.That(ProgramRun.Start(["topo", "show", path]).Output, Does.Contain(graph.Fingerprint));
    }

    [Test]
    public void Ranks_of_a_node_share_its_nic()
    {
        RequireNamespaces();
        string path = Path.Combine(folder, "nodes.json");
        ProgramRun run = ProgramRun.Start(s_netns,
            ["--ranks", "4", "--per-node", "2", "--rate", "200mbit", "--timeout", "55", "--", ProgramRun.Hpctrain, "topo", "probe", "--time", "20", "--out", path]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors + run.Output);
        LinkGraph graph = LinkGraphJson.Read(File.ReadAllText(path), path);
        Assert.That(graph.Nodes.Where(node => node.Kind == NodeKind.Nic).Select(node => node.Name), Is.EqualTo(new[] { "node1.nic", "node2.nic" }), run.Output);

        Link[] network = [.. graph.Links.Where(link => link.Name == "network")];
        Assert.That(network.Select(link => link.Bandwidth).Distinct().Count(), Is.EqualTo(1), run.Output);
        Assert.That((double)network[0].Bandwidth, Is.EqualTo(0.024).Within(25).Percent, run.Output);
    }

    [Test]
    public void Links_of_their_own_are_told_from_a_slow_one()
    {
        RequireNamespaces();
        string path = Path.Combine(folder, "cluster.json"), bench = Path.Combine(ProgramRun.Root, "bench", "netlab");
        ProgramRun run = ProgramRun.Start(Path.Combine(bench, "netlab.sh"),
            [Path.Combine(bench, "cluster.json"), "--rate", "40mbit", "--timeout", "50", "--", ProgramRun.Hpctrain, "topo", "probe", "--time", "15", "--out", path],
            new() { ["HPCTRAIN"] = ProgramRun.Hpctrain });
        Assert.That(run.ExitCode, Is.Zero, run.Errors + run.Output);
        LinkGraph graph = LinkGraphJson.Read(File.ReadAllText(path), path);
        Assert.That((graph.Nodes.Length, graph.Links.Length), Is.EqualTo((4, 12)), run.Output);
        foreach (Link link in graph.Links)
            Assert.That((double)link.Bandwidth, Is.EqualTo(link.From + link.To == 1 ? 0.005 : 0.02).Within(15).Percent, run.Output);
    }

    [Test]
    public void A_rank_that_stops_is_named_with_the_one_that_waits([ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor)
    {
        if (!Launchers.Has(flavor))
            Assert.Ignore($"no mpirun of {flavor.DisplayName()} on this machine");
        string path = Path.Combine(folder, "stopped.json");
        using RankJob job = RankJob.Start(flavor, 4, ProgramRun.Hpctrain, ["topo", "probe", "--time", "600", "--stall-timeout", "2", "--out", path],
            new Dictionary<string, string> { ["HPCTRAIN_PROGRESS"] = "lines" });
        Assert.That(job.WaitUntil(() => ErrorsOf(job).Contains("round", StringComparison.Ordinal), s_bound), Is.True, () => ErrorsOf(job));
        string stopped = job.ProcessId(1)!.Value.ToString(CultureInfo.InvariantCulture);
        ProgramRun.Start("/bin/kill", ["-STOP", stopped]);
        Assert.That(job.WaitUntil(() => ErrorsOf(job).Contains("hpctrain:", StringComparison.Ordinal), s_bound), Is.True, () => ErrorsOf(job));
        ProgramRun.Start("/bin/kill", ["-KILL", stopped]);
        Assert.That(ErrorsOf(job), Does.Match(@"hpctrain: rank \d waited (in its exchange with|for a short message of) ranks? ([\d, ]*, )?1\b.* for more than 2 s; a rank or a link between them has stopped"));
        Assert.That(File.Exists(path), Is.False);
    }

    [TestCase("--ranks 1", "--ranks is 1; links are between ranks, so at least two are needed")]
    [TestCase("--time 0", "--time is 0; it must be a number of seconds above 0")]
    [TestCase("--stall-timeout NaN", "--stall-timeout is NaN; it must be a number of seconds above 0")]
    [TestCase("--sizes 8", "--sizes is '8'; it must be two sizes from 1 to 16M, the lesser first, such as 8,512K")]
    [TestCase("--sizes 64K,8", "--sizes is '64K,8'")]
    [TestCase("--sizes 8,1G", "--sizes is '8,1G'")]
    [TestCase("--mpi lam", "--mpi is 'lam'; it must be openmpi or mpich")]
    [TestCase("--tme 3", "did you mean --time?")]
    public void A_mistake_is_one_sentence(string words, string sentence)
    {
        ProgramRun run = ProgramRun.Start(["topo", "probe", .. words.Split(' ')]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.Errors);
        Assert.That(run.Errors, Does.StartWith("hpctrain: ").And.Contain(sentence));
        Assert.That(run.Errors.TrimEnd(), Does.Not.Contain('\n'));
    }

    [Test]
    public void A_file_that_cannot_be_written_is_said_before_anything_is_measured()
    {
        ProgramRun run = ProgramRun.Start(["topo", "probe", "--ranks", "2", "--out", "/nowhere/links.json"]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.InputOutput), run.Errors);
        Assert.That(run.Errors, Does.Contain("cannot write the topology at /nowhere/links.json").And.Not.Contain("probing"));
    }

    private static string ErrorsOf(RankJob job) =>
        string.Join('\n', Enumerable.Range(0, job.Ranks).Select(rank => Path.Combine(job.Folder, $"{rank}.err")).Where(File.Exists).Select(File.ReadAllText));

    private static void RequireNamespaces()
    {
        ProgramRun trial = ProgramRun.Start(s_netns, ["--ranks", "2", "--timeout", "30", "--", "true"]);
        if (trial.ExitCode == 4)
            Assert.Ignore($"no network namespaces here: {trial.Errors.Trim()}");
    }
}

using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;

namespace HpcTrain.Cli.Tests.Tune;

internal sealed class TuneCommandTests
{
    private string folder = "";

    private static readonly CollectiveKind[] Collectives =
        [CollectiveKind.AllReduce, CollectiveKind.Broadcast, CollectiveKind.Scatter, CollectiveKind.AllToAll, CollectiveKind.Barrier];

    private static IEnumerable<MpiFlavor> Flavors => LocalLauncher.AvailableFlavors();

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("hpctrain-tune-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Rules_are_written_that_load_and_are_followed([ValueSource(nameof(Flavors))] MpiFlavor flavor, [Values(2, 3)] int ranks)
    {
        var path = Path.Combine(folder, "site.json");
        var run = ProgramRun.Start(["tune", "--ranks", $"{ranks}", "--mpi", flavor == MpiFlavor.Mpich ? "mpich" : "openmpi", "--collectives",
            string.Join(',', Collectives.Select(CollectiveKinds.Name)), "-b", "64", "-e", "64K", "-f", "1024", "--segments", "4K", "--max-time", "20", "--output", path]);

        Assert.That(run.ExitCode, Is.Zero, run.Errors + run.Output);
        var rules = TuningRules.Load(path);
        Assert.That(rules.Rules.Select(rule => rule.Ranks).Distinct(), Is.EqualTo(new[] { NumberRange.Only(ranks) }));
        Assert.That(rules.Rules.Select(rule => rule.Collective).Append(CollectiveKind.Barrier).Distinct(), Is.EquivalentTo(Collectives));
        Assert.That(rules.Evidence.Where(row => row.Collective == CollectiveKind.AllReduce).Select(row => row.Algorithm), Does.Contain("ring").Or.Contain("direct"));
        Assert.That(rules.Evidence, Has.All.Property(nameof(TuningEvidence.Microseconds)).GreaterThan(0));
        Assert.That(run.Output, Does.Contain($"HPCTRAIN_TUNING={path}").And.Contain("allreduce"));

        var explained = ProgramRun.Start(["tune", "--explain", "allreduce", "--bytes", "4K", "--ranks", $"{ranks}"], new() { [TuningRules.Variable] = path });
        Assert.That(explained.Output, Does.EndWith($"because: rule 1 for allreduce in {path}\n").Or.EndWith($"because: rule 2 for allreduce in {path}\n"), explained.Errors);
    }

    [Test]
    public void What_the_time_does_not_reach_is_said_and_gets_no_rule()
    {
        var path = Path.Combine(folder, "site.json");
        var run = ProgramRun.Start(["tune", "--ranks", "2", "--collectives", "allreduce", "-e", "1M", "--max-time", "0.000001", "--output", path]);

        Assert.That(run.ExitCode, Is.Zero, run.Errors + run.Output);
        Assert.That(run.Output, Does.Contain("not measured, so without a rule: allreduce of 8, allreduce of 64,").And.Contain("--max-time"));
        Assert.That(TuningRules.Load(path).Rules, Is.Empty);
    }

    [Test]
    public void The_schema_is_the_one_of_the_reader() =>
        Assert.That(ProgramRun.Start(["tune", "--schema"]).Output, Is.EqualTo(TuningRules.Schema));

    [Test]
    public void Rules_that_cannot_be_written_end_the_run()
    {
        string folder = Directory.CreateTempSubdirectory("hpctrain-tune-").FullName, path = Path.Combine(folder, "full.json");
        File.CreateSymbolicLink(path, "/dev/full");
        var run = ProgramRun.Start(["tune", "--ranks", "2", "--collectives", "allreduce", "-b", "8", "-e", "8", "--max-time", "2", "--output", path]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.InputOutput), run.Errors);
        Assert.That(run.Errors, Does.Contain($"cannot write the tuning rules at {path}: no space is left"));
        Directory.Delete(folder, recursive: true);
    }

    [TestCase("--explain allreduce --bytes 8 --ranks 4", "allreduce of 8 on 4 ranks, nodes 1x4: one-shot, through the memory of the node (slots)",
        "because: shared memory of one node: contribution of 8 bytes <= 16384")]
    [TestCase("--explain allreduce --bytes 1M --ranks 4 --nodes 2x2", "allreduce of 1M on 4 ranks, nodes 2x2: hierarchy:direct+ring, through the memory of each node and by messages", "because: shared memory inside nodes; between them cost model of 2.0 us per message, ")]
    [TestCase("--explain allreduce --bytes 1M --ranks 4 --nodes 3,1", "allreduce of 1M on 4 ranks, nodes 3,1: ", "because: cost model of 2.0 us per message, 4.00 GB/s sent, 8.00 GB/s reduced (not measured): ")]
    [TestCase("--explain allreduce --bytes 1M --ranks 4 --nodes 2x2 --algorithm ring", "nodes 2x2: ring, by messages of at most 60K", "because: asked for")]
    [TestCase("--explain barrier --ranks 4", "barrier on 4 ranks, nodes 1x4: direct", "because: shared memory of one node")]
    public void A_choice_is_explained_without_ranks(string words, string what, string why)
    {
        var run = ProgramRun.Start(["tune", .. words.Split(' ')], new() { [TuningRules.Variable] = null });
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Output, Does.Contain(what).And.Contain(why));
    }

    [TestCase("--explain allreduce --bytes 8", "--explain needs --ranks")]
    [TestCase("--explain allreduce --ranks 2", "--explain needs --bytes")]
    [TestCase("--explain allreduce --bytes 8 --ranks 2 --nodes 3x1", "The node map '3x1' has 3 ranks, but there are 2")]
    [TestCase("--explain allreduce --bytes 8 --ranks 2 --algorithm rong", "'rong'")]
    [TestCase("--explain allgather --bytes 9 --ranks 2", "--bytes is 9; allgather on 2 ranks moves equal blocks, so it must be a multiple of 2")]
    [TestCase("--explain alreduce --bytes 9 --ranks 2", "there is no collective 'alreduce'; the names are allreduce,")]
    [TestCase("--collectives allreduce,alscatter", "there is no collective 'alscatter'")]
    [TestCase("--min-bytes 0", "--min-bytes is '0'; it must be a size above 0")]
    [TestCase("--max-bytes 4", "--max-bytes is 4, below --min-bytes, which is 8")]
    [TestCase("--segments 64Q", "--segments is '64Q'; it must be a size")]
    [TestCase("--factor 1", "--factor is 1; it must be at least 2")]
    [TestCase("--max-time 0", "--max-time is 0; it must be a number of seconds above 0")]
    [TestCase("--output /nowhere/site.json", "--output is '/nowhere/site.json'; it must be a file in a folder that is there")]
    [TestCase("--mpi lam", "--mpi is 'lam'; it must be openmpi or mpich")]
    [TestCase("--ranks 0", "--ranks is 0; at least one rank is needed")]
    public void A_mistake_is_one_sentence(string words, string sentence)
    {
        var run = ProgramRun.Start(["tune", .. words.Split(' ')]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.Errors);
        Assert.That(run.Errors, Does.StartWith("hpctrain: ").And.Contain(sentence));
        Assert.That(run.Errors.TrimEnd(), Does.Not.Contain('\n'));
    }

    [Test]
    public void Wrong_rules_are_one_sentence()
    {
        var path = Path.Combine(folder, "site.json");
        File.WriteAllText(path, """{ "format": "hpctrain-tuning", "version": 1, "collectives": { "allreduce": [ { "algorithm": "rang" } ] } }""");
        var run = ProgramRun.Start(["tune", "--explain", "allreduce", "--bytes", "8", "--ranks", "2", "--rules", path]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.BadData));
        Assert.That(run.Errors, Does.StartWith($"hpctrain: The tuning rules '{path}' are wrong. At collectives.allreduce[0].algorithm: There is no allreduce algorithm 'rang'"));
    }
}

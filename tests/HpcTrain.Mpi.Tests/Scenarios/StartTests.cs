using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

/// <summary>How a job begins, well or badly: each mistake is one sentence on every rank, and an exit code.</summary>
[TestFixtureSource(typeof(Launchers), nameof(Launchers.All))]
public class StartTests(MpiFlavor flavor)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(40);

    private static string LibraryOf(MpiFlavor flavor) =>
        flavor == MpiFlavor.OpenMpi ? LibrarySearch.OpenMpiName : LibrarySearch.DebianMpichName;

    private MpiFlavor Other => flavor == MpiFlavor.OpenMpi ? MpiFlavor.Mpich : MpiFlavor.OpenMpi;

    [SetUp]
    public void RequireBothFlavors()
    {
        foreach (var each in Launchers.All)
        {
            if (!Launchers.Has(each))
                Assert.Ignore($"no mpirun of {each.DisplayName()} on this machine");
        }
    }

    [Test]
    public void A_library_of_the_other_family_is_found_out_on_every_rank()
    {
        var result = RankRun.Scenario(flavor, 2, RankScenarios.ReportWorld, Bound, environment: new Dictionary<string, string>
        {
            [MpiVariables.Library] = LibraryOf(Other),
        });
        Assert.That(result.ExitCode, ExitCodes.Of(flavor, MpiExitCodes.NotStarted), result.ToString());
        var launcher = flavor == MpiFlavor.OpenMpi ? "Open MPI's mpirun" : "MPICH's mpirun (Hydra)";

        // Launchers end the job when the first rank fails, so the second may not have come to say it.
        var said = result.Ranks.Where(rank => rank.Error.Length > 0).ToList();
        Assert.That(said, Is.Not.Empty, result.ToString());
        foreach (var rank in said)
        {
            Assert.That(rank.Error, Does.StartWith($"hpctrain: rank {rank.Rank}: {launcher} started 2 ranks, but ")
                .And.Contains($"({Other.DisplayName()}) sees a world of 1: launcher and MPI library do not match")
                .And.Contains(MpiVariables.Library));
        }
    }

    [TestCase("/nowhere/libmpi.so", "does not load")]
    [TestCase("libm.so.6", "has no MPI_Init_thread: it is not an MPI library")]
    public void A_library_that_cannot_be_used_is_named(string library, string words)
    {
        var result = RankRun.Scenario(flavor, 2, RankScenarios.ReportWorld, Bound, environment: new Dictionary<string, string>
        {
            [MpiVariables.Library] = library,
        });
        Assert.That(result.ExitCode, ExitCodes.Of(flavor, MpiExitCodes.NotStarted), result.ToString());
        Assert.That(result.Ranks.Any(rank => rank.Error.Contains($"the MPI library {library} ({MpiVariables.Library} names it)", StringComparison.Ordinal)
            && rank.Error.Contains(words, StringComparison.Ordinal)), Is.True, result.ToString());
    }

    [TestCase(MpiVariables.FinalizeTimeout, "soon", "HPCTRAIN_FINALIZE_TIMEOUT=soon is not a number of seconds")]
    [TestCase(MpiVariables.Yield, "perhaps", "HPCTRAIN_MPI_YIELD=perhaps is none of auto, always and never")]
    public void A_variable_that_cannot_be_read_is_named(string name, string value, string words)
    {
        var result = RankRun.Scenario(flavor, 1, RankScenarios.ReportWorld, Bound, environment: new Dictionary<string, string> { [name] = value });
        Assert.That(result.ExitCode, ExitCodes.Of(flavor, MpiExitCodes.NotStarted), result.ToString());
        Assert.That(result.Ranks[0].Error, Does.StartWith("hpctrain: " + words));
    }

    [Test]
    public void What_another_component_loaded_is_the_library_whatever_the_user_names()
    {
        var result = RankRun.Scenario(flavor, 2, RankScenarios.AnotherComponentLoadsFirst, Bound, [LibraryOf(flavor)],
            new Dictionary<string, string> { [MpiVariables.Library] = LibraryOf(Other) });
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Ranks[1].Output, Does.StartWith($"1 of 2 {flavor}"));
    }

    [Test]
    public void A_report_of_all_libraries_does_not_decide_which_one_is_used()
    {
        var result = RankRun.Scenario(flavor, 2, RankScenarios.ProbeFirst, Bound);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Ranks[1].Output.Split('\n'), Is.EqualTo(new[]
        {
            $"chosen {flavor} of {flavor},{Other}",
            $"1 of 2 {flavor} {(flavor == MpiFlavor.OpenMpi ? Launcher.OpenMpi : Launcher.Hydra)}",
        }));
    }

    [Test]
    public void Threads_may_all_call_when_that_was_asked_for()
    {
        var result = RankRun.Scenario(flavor, 2, RankScenarios.ManyThreads, Bound);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Ranks.Select(rank => rank.Output), Is.All.EqualTo("level Multiple"));
    }

    [Test]
    public void Without_a_launcher_a_process_is_a_world_of_one()
    {
        var start = new System.Diagnostics.ProcessStartInfo(Environment.ProcessPath!,
            ["exec", typeof(StartTests).Assembly.Location, "--scenario", typeof(RankScenarios).FullName!, nameof(RankScenarios.ReportWorld)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[MpiVariables.Library] = LibraryOf(flavor);
        using var process = System.Diagnostics.Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Bound))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the process did not end");
        }

        Assert.That((process.ExitCode, output.Result.Trim()), Is.EqualTo((0, $"0 of 1 {flavor} None")), error.Result);
    }
}

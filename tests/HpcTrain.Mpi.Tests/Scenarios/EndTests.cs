using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

/// <summary>How a job ends: whatever happens to one rank, no other waits for ever.</summary>
[TestFixtureSource(typeof(Launchers), nameof(Launchers.All))]
public class EndTests(MpiFlavor flavor)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(40);

    [SetUp]
    public void RequireFlavor()
    {
        if (!Launchers.Has(flavor))
            Assert.Ignore($"no mpirun of {flavor.DisplayName()} on this machine");
    }

    [Test]
    public void A_rank_that_throws_ends_the_job_and_says_where()
    {
        var result = RankRun.Scenario(flavor, 2, RankScenarios.OneRankThrows, Bound);
        Assert.That(result.TimedOut, Is.False, result.ToString());
        Assert.That(result.ExitCode, Is.EqualTo(MpiExitCodes.Failure), result.ToString());
        Assert.That(result.Ranks[1].Error, Does.Contain("hpctrain: rank 1 of 2 failed:").And.Contains("shard 7 is damaged"));
    }

    [Test]
    public void An_abort_ends_all_ranks_with_its_code()
    {
        var result = RankRun.Scenario(flavor, 3, RankScenarios.OneRankAborts, Bound);
        Assert.That((result.TimedOut, result.ExitCode), Is.EqualTo((false, 9)), result.ToString());
    }

    [Test]
    public void A_killed_rank_ends_the_job()
    {
        var result = RankRun.Scenario(flavor, 2, RankScenarios.WaitForTheKilled, Bound, ["{folder}"], whileRunning: job =>
        {
            Assert.That(job.WaitUntil(() => File.Exists(Path.Combine(job.Folder, "0.ready")) && File.Exists(Path.Combine(job.Folder, "1.ready")), Bound), Is.True);
            using var rank = System.Diagnostics.Process.GetProcessById(job.ProcessId(1)!.Value);
            rank.Kill();
        });
        Assert.That(result.TimedOut, Is.False, result.ToString());
        Assert.That(result.ExitCode, Is.Not.Zero, result.ToString());
    }

    [Test]
    public void Every_call_after_the_end_is_refused_in_a_sentence()
    {
        var result = RankRun.Scenario(flavor, 1, RankScenarios.UseAfterFinalize, Bound);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        var lines = result.Ranks[0].Output.Split('\n');
        Assert.That(lines, Has.Length.EqualTo(13), result.ToString());
        Assert.That(lines[..^1], Is.All.Contains("was called on rank 0 of 1 but MPI has already been finalized"), result.ToString());
        Assert.That(lines[^1], Is.EqualTo(
            "again: MPI was initialised a second time on rank 0, but a process can do it once: keep one MpiEnvironment for the whole program."));
    }

    [TestCase(0, "rank 0 has not reached the end of the job 0.2 s after rank 1 of 3")]
    [TestCase(2, "rank 2 has not reached the end of the job 0.2 s after rank 0 of 3")]
    public void A_late_rank_is_named_and_awaited(int late, string words)
    {
        var result = RankRun.Scenario(flavor, 3, RankScenarios.OneRankIsLate, Bound, [$"{late}", "1000"], Timeout("0.2"));
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Ranks[late == 0 ? 1 : 0].Error, Does.StartWith("hpctrain: " + words), result.ToString());
    }

    [TestCase(0)]
    [TestCase(1)]
    public void A_rank_that_never_comes_is_named_and_ends_the_job(int missing)
    {
        var result = RankRun.Scenario(flavor, 2, RankScenarios.OneRankIsLate, Bound, [$"{missing}", "60000"], Timeout("0.1"));
        Assert.That(result.TimedOut, Is.False, result.ToString());
        Assert.That(result.ExitCode, Is.EqualTo(MpiExitCodes.FinalizeTimeout), result.ToString());
        Assert.That(result.Ranks[1 - missing].Error, Does.Contain($"rank {missing} has not reached the end of the job 1 s after rank {1 - missing} of 2")
            .And.Contains("ending the job with exit code 72"), result.ToString());
    }

    [Test]
    public void A_finalize_that_hangs_is_reported_by_its_rank_and_left()
    {
        var result = RankRun.Scenario(flavor, 2, RankScenarios.FinalizeHangs, Bound, environment: Timeout("0.5"));
        Assert.That(result.TimedOut, Is.False, result.ToString());
        Assert.That(result.ExitCode, ExitCodes.Of(flavor, MpiExitCodes.FinalizeTimeout), result.ToString());
        Assert.That(result.Ranks[1].Error, Does.StartWith("hpctrain: rank 1 of 2 on ")
            .And.Contains("did not finish MPI_Finalize within 0.5 s (HPCTRAIN_FINALIZE_TIMEOUT); leaving with exit code 72"), result.ToString());
    }

    [Test]
    public void Without_a_watchdog_ranks_wait_in_silence()
    {
        var result = RankRun.Scenario(flavor, 2, RankScenarios.OneRankIsLate, Bound, ["0", "500"], Timeout("0"));
        Assert.That((result.ExitCode, result.Ranks[1].Error), Is.EqualTo((0, "")), result.ToString());
    }

    private static Dictionary<string, string> Timeout(string seconds) => new() { [MpiVariables.FinalizeTimeout] = seconds };
}

using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

/// <summary>The harness gives each test its own verdict, whatever the tests before it did to their job.</summary>
[TestFixtureSource(typeof(Launchers), nameof(Launchers.All))]
public class HarnessTests(MpiFlavor flavor)
{
    [SetUp]
    public void RequireFlavor()
    {
        if (!Launchers.Has(flavor))
            Assert.Ignore($"no mpirun of {flavor.DisplayName()} on this machine");
    }

    [TestCase(nameof(MisbehavingTests.Good))]
    [TestCase(nameof(MisbehavingTests.Good_after_all_that))]
    public void A_test_that_behaves_passes_among_others_that_do_not(string test) =>
        Assert.That(Verdict(test), Is.EqualTo(new RankVerdict(RankOutcome.Passed, null)));

    [Test]
    public void A_failure_names_its_rank_and_its_place()
    {
        var verdict = Verdict(nameof(MisbehavingTests.Fails_on_one_rank));
        Assert.That(verdict.Outcome, Is.EqualTo(RankOutcome.Failed));
        Assert.That(verdict.Message, Does.StartWith("rank 0:").And.Contains("the rank").And.Contains("MisbehavingTests.cs:line").And.Not.Contains("rank 1:"));
    }

    [Test]
    public void An_exception_is_a_failure_on_every_rank_that_throws()
    {
        var verdict = Verdict(nameof(MisbehavingTests.Throws_on_all_ranks));
        Assert.That(verdict.Outcome, Is.EqualTo(RankOutcome.Failed));
        Assert.That(verdict.Message, Does.Contain("rank 0: InvalidDataException: no such shard").And.Contains("rank 1: InvalidDataException"));
    }

    [Test]
    public void A_crash_shows_what_the_rank_said_last()
    {
        // Hydra answers with the code of the rank that crashed (5), or of one that it then killed (9).
        var verdict = Verdict(nameof(MisbehavingTests.Crashes_on_one_rank));
        Assert.That(verdict.Outcome, Is.EqualTo(RankOutcome.Failed));
        Assert.That(verdict.Message, Does.Contain("rank 1 did not end it").And.Contains("last words").And.Match("exit code [59]"));
    }

    [Test]
    public void A_skip_is_a_skip() =>
        Assert.That(Verdict(nameof(MisbehavingTests.Skips_on_all_ranks)).Outcome, Is.EqualTo(RankOutcome.Skipped));

    [Test]
    public void A_failure_does_not_wait_for_the_ranks_that_wait_for_it()
    {
        var verdict = Verdict(nameof(MisbehavingTests.Fails_while_another_rank_waits));
        Assert.That(verdict.Outcome, Is.EqualTo(RankOutcome.Failed));
        Assert.That(verdict.Message, Does.Contain("rank 0 failed it: rank 0 gives up").And.Contains("rank 1 did not end it"));
    }

    [Test]
    public void A_hang_shows_the_state_of_every_rank()
    {
        var verdict = Verdict(nameof(MisbehavingTests.Hangs_on_one_rank));
        Assert.That(verdict.Outcome, Is.EqualTo(RankOutcome.Failed));
        Assert.That(verdict.Message, Does.Contain("rank 0 passed it").And.Contains("did not end within 1 s")
            .And.Match("rank 1: pid [0-9]+, state S").And.Contains("still here"));
    }

    private RankVerdict Verdict(string test) => RankBatch.Of(typeof(MisbehavingTests), flavor, ranks: 2).VerdictOf(test);
}

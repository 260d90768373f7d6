using System.Numerics;

namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>Every algorithm, for every small rank count and some large ones: proved, and its traffic held to the closed forms.</summary>
[TestFixture]
public sealed class AlgorithmTests
{
    public static IEnumerable<int> RankCounts => [.. Enumerable.Range(1, 33), 64, 100, 128];

    [Test]
    public void Ring_is_correct_and_bandwidth_optimal([ValueSource(nameof(RankCounts))] int n)
    {
        VerificationReport report = ScheduleVerifier.Verify(TestAlgorithms.Create("ring", n));
        Assert.Multiple(() =>
        {
            Assert.That(report.TotalWeight, Is.EqualTo(n));
            Assert.That(report.Steps, Is.EqualTo(2 * (n - 1)));
            Assert.That(report.SentWeight, Is.EqualTo(2 * (n - 1)), "2(n-1)/n of the buffer");
            Assert.That(report.PathWeight, Is.EqualTo(2 * (n - 1)));
            Assert.That(report.ReducedWeight, Is.EqualTo(n - 1));
        });
    }

    [Test]
    public void Recursive_doubling_takes_lg_p_steps([ValueSource(nameof(RankCounts))] int n)
    {
        VerificationReport report = ScheduleVerifier.Verify(TestAlgorithms.Create("recursive-doubling", n));
        int lg = BitOperations.Log2((uint)n);
        int fold = BitOperations.IsPow2(n) ? 0 : 1;
        Assert.Multiple(() =>
        {
            Assert.That(report.TotalWeight, Is.EqualTo(1));
            Assert.That(report.Steps, Is.EqualTo(lg + (2 * fold)));
            Assert.That(report.SentWeight, Is.EqualTo(lg + fold), "a host sends lg p buffers and the guest's result");
            Assert.That(report.PathWeight, Is.EqualTo(lg + (2 * fold)));
            Assert.That(report.ReducedWeight, Is.EqualTo(lg + fold));
        });
    }

    [Test]
    public void Halving_doubling_has_the_rings_traffic_in_2_lg_p_steps([ValueSource(nameof(RankCounts))] int n)
    {
        VerificationReport report = ScheduleVerifier.Verify(TestAlgorithms.Create("halving-doubling", n));
        int lg = BitOperations.Log2((uint)n);
        int p = 1 << lg;
        int fold = BitOperations.IsPow2(n) ? 0 : 1;
        Assert.Multiple(() =>
        {
            Assert.That(report.TotalWeight, Is.EqualTo(p));
            Assert.That(report.Steps, Is.EqualTo((2 * lg) + (2 * fold)));
            Assert.That(report.PathWeight, Is.EqualTo((2 * (p - 1)) + (2 * fold * p)), "2(p-1)/p + 2 of the buffer when folded");
            Assert.That(report.SentWeight, Is.EqualTo((2 * (p - 1)) + (fold * p)));
            Assert.That(report.ReducedWeight, Is.EqualTo(p - 1 + (fold * p)));
        });
    }

    [TestCase("ring")]
    [TestCase("halving-doubling")]
    [TestCase("recursive-doubling")]
    [CancelAfter(60_000)]
    public void A_thousand_ranks_are_verified(string algorithm)
    {
        VerificationReport report = ScheduleVerifier.Verify(TestAlgorithms.Create(algorithm, 1024));
        Assert.That(report.Steps, Is.EqualTo(algorithm switch { "ring" => 2046, "halving-doubling" => 20, _ => 10 }));
    }
}

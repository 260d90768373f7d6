namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>The closed forms of hierarchies over equal nodes, put together of those of their levels, against what the verifier counts.</summary>
[TestFixture]
public sealed class HierarchyFormTests
{
    private const long Bytes = 720_720;

    /// <summary>Sizes of the groups of two levels, inner ones first.</summary>
    private static readonly int[][] s_two = [[2, 2], [4, 2], [2, 4], [4, 4], [3, 4], [3, 5], [5, 3], [2, 8], [8, 2]];

    private static readonly int[][] s_three = [[2, 2, 2], [2, 2, 4], [2, 4, 3], [4, 2, 2], [3, 2, 5], [2, 3, 4]];

    [Test]
    public void Is_that_of_each_level_on_its_share_of_the_data()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Form(CollectiveKind.AllReduce, "one-shot+ring"), Is.EqualTo(
                "inside (p₁-1)(α + nβ + nγ), with 1α over links side by side; across 2(p₂-1)α + 2(p₂-1)/p₂ nβ + (p₂-1)/p₂ nγ"), "replicated");
            Assert.That(Form(CollectiveKind.AllReduce, "binomial+ring"), Is.EqualTo(
                "inside lg p₁ (α + nβ + nγ); across 2(p₂-1)α + 2(p₂-1)/p₂ nβ + (p₂-1)/p₂ nγ; inside lg p₁ (α + nβ)"), "led");
            Assert.That(Form(CollectiveKind.AllReduce, "ring@2+ring+recursive-doubling"), Is.EqualTo(
                "inside (p₁-1)α + (p₁-1)/p₁ n(β + γ); inside (p₂-1)α + (p₂-1)/p₂ (n/p₁)(β + γ); across lg p₃ (α + (n/p₁p₂)β + (n/p₁p₂)γ), + fold; "
                + "inside (p₂-1)α + (p₂-1)/p₂ (n/p₁)β; inside (p₁-1)α + (p₁-1)/p₁ nβ"), "scattered");
            Assert.That(Form(CollectiveKind.AllGather, "ring+ring+ring"), Is.EqualTo(
                "across (p₃-1)α + (p₃-1)/p₃ (n/p₁p₂)β; inside (p₂-1)p₃α + (p₂-1)/p₂ (n/p₁)β; inside (p₁-1)p₂p₃α + (p₁-1)/p₁ nβ"), "blocks in pieces");
            Assert.That(Form(CollectiveKind.Scatter, "binomial+binomial"), Is.EqualTo(
                "across lg p₂ α + (p₂-1)/p₂ nβ; inside lg p₁ α + (p₁-1)/p₁ (n/p₂)β"), "blocks of a group");
        });
    }

    [TestCaseSource(nameof(Expectations))]
    public void Is_what_the_verifier_counts(Expected expected)
    {
        foreach (int[] p in expected.Sizes.Where(expected.Holds))
        {
            int ranks = p.Aggregate((a, b) => a * b);

            // Groups inside nodes where there are three levels.
            NodeMap nodes = NodeMap.Blocks(ranks, ranks / p[^1]);
            string name = "hierarchy:" + string.Join('+', expected.Levels.Select((level, l) => p.Length == 3 && l == 0 ? $"{level}@{p[0]}" : level));
            Algorithm algorithm = AlgorithmCatalog.Find(expected.Collective, name)!;
            var spec = new ScheduleSpec(expected.Collective, ranks) { Nodes = nodes };
            VerificationReport report = ScheduleVerifier.Verify(algorithm.Create(spec));
            string what = $"on groups of {string.Join(" x ", p)}";
            Assert.Multiple(() =>
            {
                Assert.That(report.Steps, Is.EqualTo(expected.Steps(p)), $"steps {what}");
                Assert.That(report.SentShare, Is.EqualTo(expected.Sent(p)).Within(1e-9), $"sent by the busiest rank {what}");
                Assert.That(algorithm.Seconds(spec, Bytes, new(1, 0, 0)), Is.EqualTo(expected.Messages(p)).Within(1e-9), $"messages one at a time {what}");
                if (expected.Collective != CollectiveKind.Barrier)
                    Assert.That(algorithm.Seconds(spec, Bytes, new(0, 1, 0)) / Bytes, Is.GreaterThanOrEqualTo(report.SentShare - 1e-4), $"bytes {what}");
            });
        }
    }

    public static IEnumerable<Expected> Expectations()
    {
        // All but one of so many blocks.
        double Share(int count) => (count - 1.0) / count;
        double Scattered(int[] p) => Share(p[0]) + (Share(p[1]) / p[0]);
        double Deep(int[] p) => Scattered(p) + (Share(p[2]) / p[0] / p[1]);

        CollectiveKind kind = CollectiveKind.AllReduce;
        yield return new(kind, s_two, ["direct", "ring"], p => 2 * p[1], p => 2 * Scattered(p), p => 2 * (p[0] + p[1] - 2));
        yield return new(kind, s_two, ["ring", "ring"], p => 2 * (p[0] + p[1] - 2), p => 2 * Scattered(p), p => 2 * (p[0] + p[1] - 2));
        yield return new(kind, s_two, ["direct", "halving-doubling"], p => 2 + (2 * Rounds(p[1])), p => 2 * Scattered(p), p => 2 * (p[0] - 1 + Rounds(p[1])))
        {
            Holds = HasPowerOfTwoNodes,
        };
        yield return new(kind, s_two, ["one-shot", "recursive-doubling"], p => 1 + Rounds(p[1]), p => p[0] - 1 + Rounds(p[1]), p => p[0] - 1 + Rounds(p[1]))
        {
            Holds = HasPowerOfTwoNodes,
        };
        yield return new(kind, s_three, ["direct", "direct", "ring"], p => 2 + 2 + (2 * (p[2] - 1)), p => 2 * Deep(p), p => 2 * (p.Sum() - 3));
        yield return new(kind, s_three, ["ring", "ring", "ring"], p => 2 * (p.Sum() - 3), p => 2 * Deep(p), p => 2 * (p.Sum() - 3));

        // A block for each node travels inside: as many pieces.
        kind = CollectiveKind.ReduceScatter;
        yield return new(kind, s_two, ["direct", "ring"], p => p[1] + p[1] - 1, Scattered, p => ((p[0] - 1) * p[1]) + p[1] - 1);
        kind = CollectiveKind.AllGather;
        yield return new(kind, s_two, ["direct", "ring"], p => p[1] - 1 + p[1], Scattered, p => ((p[0] - 1) * p[1]) + p[1] - 1);

        kind = CollectiveKind.Reduce;
        yield return new(kind, s_two, ["direct", "binomial"], p => p[0] - 1 + Rounds(p[1]), _ => 1, p => p[0] - 1 + Rounds(p[1]));
        kind = CollectiveKind.Broadcast;
        yield return new(kind, s_two, ["direct", "binomial"], p => Rounds(p[1]) + 1, p => Rounds(p[1]) + p[0] - 1, p => Rounds(p[1]) + p[0] - 1);
        yield return new(kind, s_three, ["binomial", "binomial", "binomial"], p => p.Sum(Rounds), p => p.Sum(Rounds), p => p.Sum(Rounds));
        kind = CollectiveKind.Scatter;
        yield return new(kind, s_two, ["direct", "binomial"], p => Rounds(p[1]) + 1, p => Share(p[0] * p[1]), p => Rounds(p[1]) + p[0] - 1);
        kind = CollectiveKind.Barrier;
        yield return new(kind, s_two, ["tree", "dissemination"], p => (2 * Rounds(p[0])) + Rounds(p[1]), p => Rounds(p[0]) + Rounds(p[1]), p => (2 * Rounds(p[0])) + Rounds(p[1]));
    }

    private static bool HasPowerOfTwoNodes(int[] sizes) => int.IsPow2(sizes[^1]);

    /// <summary>The least k with 2^k >= count.</summary>
    private static int Rounds(int count) => count == 1 ? 0 : int.Log2(count - 1) + 1;

    private static string Form(CollectiveKind collective, string levels) => AlgorithmCatalog.Find(collective, $"hierarchy:{levels}")!.ClosedForm;

    public sealed record Expected(
        CollectiveKind Collective, int[][] Sizes, string[] Levels, Func<int[], int> Steps, Func<int[], double> Sent, Func<int[], int> Messages)
    {
        /// <summary>The sizes for which it is exact.</summary>
        public Func<int[], bool> Holds { get; init; } = static _ => true;

        public override string ToString() => $"{Collective.Name()} {string.Join('+', Levels)}";
    }
}

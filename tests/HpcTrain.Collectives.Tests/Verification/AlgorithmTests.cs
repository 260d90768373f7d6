using System.Numerics;

namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>Every algorithm, for every small rank count and some large ones, from all roots: proved, and its traffic held to its closed form.</summary>
[TestFixture]
public sealed class AlgorithmTests
{
    public static IEnumerable<(CollectiveKind, string)> All => TestAlgorithms.All;

    public static IEnumerable<int> RankCounts => [.. Enumerable.Range(1, 33), 64, 100, 128];

    [Test]
    public void Is_correct_for_every_rank_count_and_root([ValueSource(nameof(All))] (CollectiveKind Collective, string Name) algorithm)
    {
        int channels = AlgorithmCatalog.Find(algorithm.Collective, algorithm.Name)!.Channels;
        foreach (int ranks in RankCounts)
        {
            foreach (int root in TestAlgorithms.Roots(algorithm.Collective, ranks))
            {
                Schedule schedule = TestAlgorithms.Create(algorithm.Collective, algorithm.Name, ranks, root);
                Assert.That(() => ScheduleVerifier.Verify(schedule), Throws.Nothing, $"{ranks} ranks, root {root}");
                Assert.That(schedule.Program(root).Lanes.All(lane => lane.Channel < channels), Is.True, $"{ranks} ranks, root {root}: more than {channels} channels");
            }
        }
    }

    [Test]
    public void Takes_no_more_than_its_closed_form([ValueSource(nameof(All))] (CollectiveKind Collective, string Name) algorithm)
    {
        // The closed form counts the messages and bytes of a rank one after the other; lanes side by side can only be better. Short enough for one segment.
        const long Bytes = 720_720;
        Algorithm known = AlgorithmCatalog.Find(algorithm.Collective, algorithm.Name)!;
        foreach (int ranks in RankCounts)
        {
            var spec = new ScheduleSpec(algorithm.Collective, ranks) { Root = ranks / 2 };
            VerificationReport report = ScheduleVerifier.Verify(known.Create(spec));
            double sent = known.Seconds(spec, Bytes, new(0, 1, 0)) / Bytes;
            double reduced = known.Seconds(spec, Bytes, new(0, 0, 1)) / Bytes;
            Assert.That(known.Seconds(spec, Bytes, new(1, 0, 0)), Is.GreaterThanOrEqualTo(report.Steps), $"messages on {ranks} ranks");
            if (algorithm.Collective == CollectiveKind.Barrier)
                continue;
            Assert.That(sent, Is.GreaterThanOrEqualTo(Math.Max(report.PathShare, report.SentShare) - 1e-9), $"bytes sent on {ranks} ranks");
            Assert.That(reduced, Is.GreaterThanOrEqualTo(report.ReducedShare - 1e-9), $"bytes reduced on {ranks} ranks");
        }
    }

    [TestCaseSource(nameof(Expectations))]
    public void Takes_the_steps_and_traffic_of_the_literature(Expected expected)
    {
        foreach (int n in RankCounts.Where(n => n > 1))
        {
            VerificationReport report = ScheduleVerifier.Verify(TestAlgorithms.Create(expected.Collective, expected.Name, n));
            Assert.Multiple(() =>
            {
                Assert.That(report.Steps, Is.EqualTo(expected.Steps(n)), $"steps on {n} ranks");
                Assert.That(report.SentShare, Is.EqualTo(expected.Sent(n)).Within(1e-9), $"sent by the busiest of {n} ranks");
                Assert.That(report.PathShare, Is.EqualTo(expected.Path(n)).Within(1e-9), $"critical path on {n} ranks");
            });
        }
    }

    public static IEnumerable<Expected> Expectations()
    {
        // All but one of n blocks; the same with n-1 links at work side by side.
        double Share(int n) => (n - 1.0) / n;
        double Block(int n) => 1.0 / n;
        double MemberShare(int n) => Share(1 << Floor(n));

        CollectiveKind kind = CollectiveKind.AllReduce;
        yield return new(kind, "ring", n => 2 * (n - 1), n => 2 * Share(n), n => 2 * Share(n));
        yield return new(kind, "bidirectional-ring", n => 2 * (n - 1), n => 2 * Share(n), Share);
        yield return new(kind, "recursive-doubling", n => Floor(n) + (2 * Fold(n)), n => Floor(n) + Fold(n), n => Floor(n) + (2 * Fold(n)));
        yield return new(kind, "halving-doubling", n => 2 * (Floor(n) + Fold(n)), n => (2 * MemberShare(n)) + Fold(n), n => 2 * (MemberShare(n) + Fold(n)));
        yield return new(kind, "direct", _ => 2, n => 2 * Share(n), n => 2 * Block(n));
        yield return new(kind, "one-shot", _ => 1, n => n - 1, _ => 1);
        yield return new(kind, "tree", n => 2 * Ceiling(n), n => Ceiling(n), n => 2 * Ceiling(n));
        yield return new(kind, "k-nomial", n => WideChildren(n) + WideRounds(n), n => WideChildren(n), n => WideChildren(n) + WideRounds(n));
        yield return new(kind, "chain", n => 2 * (n - 1), n => Math.Min(n - 1, 2), n => 2 * (n - 1));

        kind = CollectiveKind.ReduceScatter;
        yield return new(kind, "ring", n => n - 1, Share, Share);
        yield return new(kind, "direct", _ => 1, Share, Block);

        kind = CollectiveKind.AllGather;
        yield return new(kind, "ring", n => n - 1, Share, Share);
        yield return new(kind, "bidirectional-ring", n => n - 1, Share, n => Share(n) / 2);
        yield return new(kind, "direct", _ => 1, Share, Block);

        kind = CollectiveKind.Broadcast;
        yield return new(kind, "binomial", Ceiling, n => Ceiling(n), n => Ceiling(n));
        yield return new(kind, "k-nomial", WideRounds, n => WideChildren(n), n => WideRounds(n));
        yield return new(kind, "chain", n => n - 1, _ => 1, n => n - 1);
        yield return new(kind, "double-binary-tree", Ceiling, _ => 1, n => Ceiling(n) / 2.0);
        yield return new(kind, "direct", _ => 1, n => n - 1, _ => 1);

        kind = CollectiveKind.Reduce;
        yield return new(kind, "binomial", Ceiling, _ => 1, n => Ceiling(n));
        yield return new(kind, "k-nomial", WideChildren, _ => 1, n => WideChildren(n));
        yield return new(kind, "chain", n => n - 1, _ => 1, n => n - 1);
        yield return new(kind, "direct", n => n - 1, _ => 1, n => n - 1);

        kind = CollectiveKind.AllToAll;
        yield return new(kind, "direct", _ => 1, n => Share(n) / n, n => Block(n) / n);
        yield return new(kind, "pairwise", n => n - 1, n => Share(n) / n, n => Share(n) / n);

        yield return new(kind, "by-node", _ => 1, n => Share(n) / n, n => Block(n) / n);

        kind = CollectiveKind.Scatter;
        yield return new(kind, "binomial", Ceiling, Share, ScatterPath);
        yield return new(kind, "direct", _ => 1, Share, Block);
        kind = CollectiveKind.Gather;
        yield return new(kind, "binomial", Ceiling, n => LargestSubtree(n) / (double)n, Share);
        yield return new(kind, "direct", _ => 1, Block, Block);

        kind = CollectiveKind.Barrier;
        yield return new(kind, "dissemination", Ceiling, n => Ceiling(n), n => Ceiling(n));
        yield return new(kind, "tree", n => 2 * Ceiling(n), n => Ceiling(n), n => 2 * Ceiling(n));
        yield return new(kind, "recursive-doubling", n => Floor(n) + (2 * Fold(n)), n => Floor(n) + Fold(n), n => Floor(n) + (2 * Fold(n)));
    }

    [Test]
    public void Folded_halving_and_doubling_take_lg_p_steps_and_two_more([ValueSource(nameof(RankCounts))] int n)
    {
        VerificationReport halving = ScheduleVerifier.Verify(TestAlgorithms.Create(CollectiveKind.ReduceScatter, "recursive-halving", n));
        VerificationReport doubling = ScheduleVerifier.Verify(TestAlgorithms.Create(CollectiveKind.AllGather, "recursive-doubling", n));
        VerificationReport reduce = ScheduleVerifier.Verify(TestAlgorithms.Create(CollectiveKind.Reduce, "reduce-scatter-gather", n));
        Assert.Multiple(() =>
        {
            Assert.That(halving.Steps, Is.EqualTo(Floor(n) + (2 * Fold(n))));
            Assert.That(doubling.Steps, Is.EqualTo(Floor(n) + (2 * Fold(n))));
            Assert.That(reduce.Steps, Is.EqualTo((2 * Floor(n)) + Fold(n)));
            if (Fold(n) == 0)
            {
                Assert.That((halving.SentWeight, halving.PathWeight), Is.EqualTo((n - 1L, n - 1L)), "(p-1)/p");
                Assert.That((doubling.SentWeight, doubling.PathWeight), Is.EqualTo((n - 1L, n - 1L)), "(p-1)/p");
                Assert.That(reduce.PathWeight, Is.EqualTo(2 * (n - 1)), "2(p-1)/p");
            }
        });
    }

    [Test]
    public void Bruck_needs_no_fold([ValueSource(nameof(RankCounts))] int n)
    {
        VerificationReport report = ScheduleVerifier.Verify(TestAlgorithms.Create(CollectiveKind.AllGather, "bruck", n));
        Assert.That(report.Steps, Is.EqualTo(Ceiling(n)));
        Assert.That(report.SentWeight, Is.EqualTo(n - 1));
        Assert.That(report.PathWeight, Is.LessThanOrEqualTo(n - 1));
    }

    [Test]
    public void Binary_blocks_need_one_step_more_instead_of_a_fold([ValueSource(nameof(RankCounts))] int n)
    {
        VerificationReport report = ScheduleVerifier.Verify(TestAlgorithms.Create("halving-doubling-blocks", n));
        Assert.That(report.Steps, Is.EqualTo((2 * Floor(n)) + Fold(n)));
        Assert.That(report.SentWeight, Is.LessThanOrEqualTo(2 * report.TotalWeight), "no rank sends more than 2n bytes");
        Assert.That(report.ReducedWeight, Is.LessThanOrEqualTo(report.TotalWeight));
    }

    [Test]
    public void Two_trees_send_no_more_than_a_ring([ValueSource(nameof(RankCounts))] int n)
    {
        VerificationReport allReduce = ScheduleVerifier.Verify(TestAlgorithms.Create("double-binary-tree", n));
        VerificationReport reduce = ScheduleVerifier.Verify(TestAlgorithms.Create(CollectiveKind.Reduce, "double-binary-tree", n));
        Assert.Multiple(() =>
        {
            Assert.That(allReduce.SentShare, Is.LessThanOrEqualTo(2));
            Assert.That(allReduce.ReducedShare, Is.LessThanOrEqualTo(1));
            Assert.That(allReduce.Steps, Is.LessThanOrEqualTo(3 * Floor(n)), "two up and one down per level");
            Assert.That(reduce.SentShare, Is.LessThanOrEqualTo(1));
            Assert.That(reduce.ReducedShare, Is.LessThanOrEqualTo(1));
            Assert.That(reduce.Steps, Is.LessThanOrEqualTo(2 * Ceiling(n)));
        });
    }

    [Test]
    public void A_scattered_broadcast_sends_the_buffer_less_than_twice([ValueSource(nameof(RankCounts))] int n)
    {
        // The ring leaves out what the tree has brought; the root, which has everything, is sent nothing.
        Schedule schedule = TestAlgorithms.Create(CollectiveKind.Broadcast, "scatter-allgather", n);
        VerificationReport report = ScheduleVerifier.Verify(schedule);
        Assert.That(report.Steps, Is.LessThanOrEqualTo(Ceiling(n) + n - 1));
        Assert.That(report.SentWeight, Is.EqualTo(2 * (n - 1)));
        Assert.That(report.PathWeight, Is.LessThanOrEqualTo(2 * (n - 1)));
        Assert.That(schedule.Program(0).Lanes.SelectMany(lane => lane.Instructions).All(instruction => instruction.Operation == Operation.Send), Is.True);
    }

    [TestCase("ring", 2046)]
    [TestCase("halving-doubling", 20)]
    [TestCase("recursive-doubling", 10)]
    [TestCase("double-binary-tree", 29)]
    public void A_thousand_ranks_are_verified(string algorithm, int steps) =>
        Assert.That(ScheduleVerifier.Verify(TestAlgorithms.Create(algorithm, 1024)).Steps, Is.EqualTo(steps));

    private static int Floor(int n) => BitOperations.Log2((uint)n);

    private static int Ceiling(int n) => n == 1 ? 0 : Floor(n - 1) + 1;

    private static int Fold(int n) => BitOperations.IsPow2(n) ? 0 : 1;

    /// <summary>Rounds of a tree of radix 4, whose three messages of a round are under way side by side: the least k with 4^k >= n.</summary>
    private static int WideRounds(int n) => (Ceiling(n) + 1) / 2;

    /// <summary>Children of the root of a tree of radix 4: three per full round, and in the last one as many as there are subtrees left.</summary>
    private static int WideChildren(int n)
    {
        int full = WideRounds(n) - 1, width = 1 << (2 * full);
        return (3 * full) + ((n + width - 1) / width) - 1;
    }

    /// <summary>Blocks that the busiest rank of a binomial gather sends: those of the last child of the root, or of the one before, which is complete.</summary>
    private static int LargestSubtree(int n)
    {
        int last = 1 << (Ceiling(n) - 1);
        return Math.Max(n - last, last / 2);
    }

    /// <summary>The longest way of a binomial scatter: the root sends halves one after the other, and whoever gets one does the same.</summary>
    private static double ScatterPath(int n) => ScatterBlocks(n) / (double)n;

    private static int ScatterBlocks(int n)
    {
        int longest = 0, sent = 0;
        for (int left = n; left > 1;)
        {
            int kept = 1 << (Ceiling(left) - 1);
            sent += left - kept;
            longest = Math.Max(longest, sent + ScatterBlocks(left - kept));
            left = kept;
        }

        return longest;
    }

    public sealed record Expected(CollectiveKind Collective, string Name, Func<int, int> Steps, Func<int, double> Sent, Func<int, double> Path)
    {
        public override string ToString() => $"{Collective.Name()} {Name}";
    }
}

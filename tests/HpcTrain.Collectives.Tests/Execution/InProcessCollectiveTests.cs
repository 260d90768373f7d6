using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>Every algorithm of every collective, run over in-process ranks: all roots, in place and not, lengths that do not divide, hierarchies.</summary>
[TestFixture]
public sealed class InProcessCollectiveTests
{
    private static readonly ElementType[] s_types = [ElementType.U8, ElementType.I32, ElementType.U64];

    public static IEnumerable<(CollectiveKind, string)> All => TestAlgorithms.All.Where(algorithm => algorithm.Collective != CollectiveKind.Barrier);

    public static IEnumerable<string> Barriers => AlgorithmCatalog.Of(CollectiveKind.Barrier).Select(algorithm => algorithm.Name);

    [Test]
    public void Matches_the_reference_from_every_root([ValueSource(nameof(All))] (CollectiveKind Collective, string Name) algorithm)
    {
        var random = new Random(algorithm.Name.Length + (int)algorithm.Collective);
        for (int ranks = 1; ranks <= 8; ranks++)
        {
            int rounds = algorithm.Collective.HasRoot() ? 1 : 3;
            foreach (int root in TestAlgorithms.Roots(algorithm.Collective, ranks))
            {
                for (int round = 0; round < rounds; round++)
                    RandomCase(random, algorithm, ranks, root, inPlace: (ranks + root + round) % 2 == 0).Check();
            }
        }
    }

    [Test]
    public void Matches_the_reference_for_every_short_length([ValueSource(nameof(All))] (CollectiveKind Collective, string Name) algorithm)
    {
        for (int count = 0; count <= 7; count++)
            new CollectiveCase(algorithm.Collective, algorithm.Name, Ranks: 5, Root: 3, count, ElementType.I32, InPlace: count % 2 == 0, Seed: count) { SegmentBytes = 4 }.Check();
    }

    [Test]
    public void Matches_the_reference_for_long_buffers([ValueSource(nameof(All))] (CollectiveKind Collective, string Name) algorithm) =>
        new CollectiveCase(algorithm.Collective, algorithm.Name, Ranks: 3, Root: 1, Count: 50_003, ElementType.I32, InPlace: false, Seed: 1) { SegmentBytes = 16_384 }.Check();

    [Test]
    public void Random_cases_hold()
    {
        (CollectiveKind, string)[] algorithms = [.. All];
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(200), FsCheck.Fluent.Prop.ForAll<int>(FsCheck.Fluent.ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            int ranks = random.Next(1, 12);
            RandomCase(random, algorithms[random.Next(algorithms.Length)], ranks, random.Next(ranks), random.Next(2) == 0).Check();
        }));
    }

    [TestCase(CollectiveKind.AllReduce, "hierarchy:direct+ring")]
    [TestCase(CollectiveKind.AllReduce, "hierarchy:direct+direct+ring")]
    [TestCase(CollectiveKind.AllReduce, "hierarchy:binomial@2+direct+halving-doubling-blocks")]
    [TestCase(CollectiveKind.AllReduce, "hierarchy:chain+double-binary-tree")]
    [TestCase(CollectiveKind.ReduceScatter, "hierarchy:direct+recursive-halving")]
    [TestCase(CollectiveKind.AllGather, "hierarchy:direct+bruck")]
    [TestCase(CollectiveKind.Broadcast, "hierarchy:direct+scatter-allgather")]
    [TestCase(CollectiveKind.Reduce, "hierarchy:direct+reduce-scatter-gather")]
    [TestCase(CollectiveKind.Gather, "hierarchy:binomial+direct")]
    [TestCase(CollectiveKind.Scatter, "hierarchy:direct+binomial")]
    public void Hierarchies_match_the_reference(CollectiveKind collective, string name)
    {
        var random = new Random(name.Length);
        foreach (string map in (string[])["/0,0,0,0,1,1,1,1", "/0,0,0,0,1,1,1,1,2", "/0,1,0,1,0,1", "/0,1,1,2,0,2,1", "/0,0,1,1,2,2,3,3"])
        {
            int ranks = map.Length / 2;
            NodeMap nodes = NodeMap.Parse(map, ranks);
            foreach (int root in TestAlgorithms.Roots(collective, ranks, all: 1).Distinct())
            {
                Schedule schedule = AlgorithmCatalog.Create(name, new(collective, ranks) { Root = root, Nodes = nodes });
                for (int round = 0; round < 2; round++)
                    (RandomCase(random, (collective, name), ranks, root, inPlace: round == 0) with { Schedule = schedule }).Check();
            }
        }
    }

    [Test]
    public void Nobody_leaves_a_barrier_before_all_have_come([ValueSource(nameof(Barriers))] string algorithm, [Values(1, 2, 3, 5, 8)] int ranks)
    {
        const int Rounds = 20;
        int come = 0;
        var fabric = new InProcessFabric(ranks, new() { MischiefSeed = ranks });
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], new() { StallTimeout = TimeSpan.FromSeconds(20) });
            for (int round = 1; round <= Rounds; round++)
            {
                Interlocked.Increment(ref come);
                communicator.Barrier(new() { Algorithm = algorithm });
                Assert.That(Volatile.Read(ref come), Is.InRange(round * ranks, (round + 1) * ranks), $"round {round}, rank {rank}");
            }
        });
    }

    [Test]
    public void Direct_algorithms_reduce_their_own_first_and_then_in_the_order_of_ranks([Values(2, 3, 5, 8)] int ranks)
    {
        float[] values = UnevenFloats(ranks);
        for (int owner = 0; owner < ranks; owner++)
        {
            float ownFirst = values[owner];
            foreach (int other in Enumerable.Range(0, ranks).Where(other => other != owner))
                ownFirst += values[other];
            Assert.That(Reduced(CollectiveKind.Reduce, "direct", values, owner)[owner][0], Is.EqualTo(ownFirst), $"reduce, root {owner}");
            Assert.That(Reduced(CollectiveKind.ReduceScatter, "direct", values, 0)[owner][0], Is.EqualTo(ownFirst), $"reduce-scatter, owner {owner}");
            Assert.That(Reduced(CollectiveKind.AllReduce, "direct", values, 0).Select(result => result[owner]), Is.All.EqualTo(ownFirst), $"allreduce, owner {owner}");
        }
    }

    [Test]
    public void One_shot_reduces_in_the_order_of_ranks_everywhere([Values(2, 3, 5, 8)] int ranks)
    {
        float[] values = UnevenFloats(ranks);
        float inOrder = values.Skip(1).Aggregate(values[0], (sum, value) => sum + value);
        Assert.That(Reduced(CollectiveKind.AllReduce, "one-shot", values, 0).SelectMany(result => result), Is.All.EqualTo(inOrder));
    }

    [Test]
    public void One_shot_keeps_the_payloads_of_NaNs_alike()
    {
        // Which of two NaNs a sum keeps depends on the order of its operands, so all ranks have to use one order.
        float[] values = [.. new[] { 0x7FC00001, 0x7FC00002, 0x7FC00003, 0x7FC00004 }.Select(BitConverter.Int32BitsToSingle)];
        float[][] results = Reduced(CollectiveKind.AllReduce, "one-shot", values, 0);
        Assert.That(results.SelectMany(result => result).Select(BitConverter.SingleToInt32Bits).Distinct().Count(), Is.EqualTo(1));
    }

    /// <summary>Values whose sum depends on the order in which they are added.</summary>
    private static float[] UnevenFloats(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(8)))];
    }

    /// <summary>Every rank contributes its value in every element, and there is one element for each rank.</summary>
    private static float[][] Reduced(CollectiveKind collective, string algorithm, float[] values, int root)
    {
        int ranks = values.Length;
        var fabric = new InProcessFabric(ranks, new() { MischiefSeed = root });
        var results = new float[ranks][];
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], new() { StallTimeout = TimeSpan.FromSeconds(20) });
            float[] contribution = [.. Enumerable.Repeat(values[rank], ranks)];
            results[rank] = new float[collective == CollectiveKind.ReduceScatter ? 1 : ranks];
            var options = new CollectiveOptions { Algorithm = algorithm };
            _ = collective switch
            {
                CollectiveKind.Reduce => communicator.Reduce<float>(contribution, results[rank], root, ReduceOp.Sum, options),
                CollectiveKind.ReduceScatter => communicator.ReduceScatter<float>(contribution, results[rank], ReduceOp.Sum, options),
                _ => communicator.AllReduce<float>(contribution, results[rank], ReduceOp.Sum, options),
            };
        });
        return results;
    }

    private static CollectiveCase RandomCase(Random random, (CollectiveKind Collective, string Name) algorithm, int ranks, int root, bool inPlace)
    {
        int count = random.Next(6) switch
        {
            0 => random.Next(2),
            1 => random.Next(ranks + 1),
            2 => (2 * random.Next(100)) + 1,
            3 => ranks * random.Next(1, 40),
            _ => random.Next(400),
        };
        ElementType type = s_types[random.Next(s_types.Length)];
        int segments = Math.Max(1, count * type.SizeInBytes() / random.Next(1, 12));
        return new(algorithm.Collective, algorithm.Name, ranks, algorithm.Collective.HasRoot() ? root : 0, count, type, inPlace, random.Next()) { SegmentBytes = segments };
    }
}

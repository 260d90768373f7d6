using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>
/// The public face over in-process ranks, where a send completes only when it has been received, against a scalar reference: every algorithm,
/// element type and operation, for random lengths, segment sizes and timing.
/// </summary>
[TestFixture]
public sealed class InProcessAllReduceTests
{
    private static readonly CommunicatorOptions s_options = new() { StallTimeout = TimeSpan.FromSeconds(15) };

    [Test]
    public void Matches_the_reference([Range(1, 9)] int ranks, [Values("ring", "recursive-doubling", "halving-doubling", "auto")] string algorithm)
    {
        var random = new Random((ranks * 31) + algorithm.Length);
        foreach (ElementType type in ReferenceReduction.Types)
        {
            foreach (ReduceOp op in ReferenceReduction.OpsFor(type))
                CheckOnce(WithSegments(new(ranks, algorithm, type, op, Length(random, ranks), 0, random.Next()), random));
        }
    }

    [Test]
    public void Matches_the_reference_for_every_short_length([Values(2, 3, 4, 5, 8)] int ranks, [ValueSource(nameof(Algorithms))] string algorithm)
    {
        for (int length = 0; length <= 2 * ranks + 3; length++)
            CheckOnce(new(ranks, algorithm, ElementType.I32, ReduceOp.Sum, length, SegmentBytes: 4, length));
    }

    [Test]
    public void Matches_the_reference_for_long_buffers([Values(2, 3, 4)] int ranks, [ValueSource(nameof(Algorithms))] string algorithm) =>
        CheckOnce(new(ranks, algorithm, ElementType.F32, ReduceOp.Sum, 300_007, SegmentBytes: 65_536, 1));

    [Test]
    public void Random_cases_hold() =>
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(150), FsCheck.Fluent.Prop.ForAll<int>(
            FsCheck.Fluent.ArbMap.Default.ArbFor<int>(), seed => CheckOnce(RandomCase(seed))));

    private static IReadOnlyList<string> Algorithms => TestAlgorithms.AllReduce;

    private static Case RandomCase(int seed)
    {
        var random = new Random(seed);
        int ranks = random.Next(1, 10);
        ElementType type = ReferenceReduction.Types[random.Next(ReferenceReduction.Types.Length)];
        ReduceOp[] ops = ReferenceReduction.OpsFor(type);
        return WithSegments(
            new(
                ranks,
                Algorithms[random.Next(Algorithms.Count)],
                type,
                ops[random.Next(ops.Length)],
                Length(random, ranks),
                SegmentBytes: 0,
                seed),
            random);
    }

    /// <summary>Cuts each chunk of a ring into one to nine segments.</summary>
    private static Case WithSegments(Case test, Random random) =>
        test with { SegmentBytes = Math.Max(1, test.Length * test.Type.SizeInBytes() / test.Ranks / random.Next(1, 10)) };

    private static int Length(Random random, int ranks) => random.Next(6) switch
    {
        0 => 0,
        1 => 1,
        2 => random.Next(ranks + 1),
        3 => (2 * random.Next(100)) + 1,
        4 => ranks * random.Next(1, 40),
        _ => random.Next(400),
    };

    private static void CheckOnce(Case test)
    {
        byte[][] contributions = [.. Enumerable.Range(0, test.Ranks).Select(rank => ReferenceReduction.Contribution(test.Type, test.Length, (test.Seed * 131) + rank))];
        byte[][] results = [.. contributions.Select(bytes => (byte[])bytes.Clone())];
        var fabric = new InProcessFabric(test.Ranks, new() { MischiefSeed = test.Seed });
        RankThreads.Run(test.Ranks, rank => Reduce(test, fabric, rank, results[rank]));

        for (int rank = 1; rank < test.Ranks; rank++)
            Assert.That(results[rank].AsSpan().SequenceEqual(results[0]), Is.True, $"{test}: rank {rank} has other bits than rank 0");
        for (int i = 0; i < test.Length; i++)
            ReferenceReduction.Check(test.Type, test.Op, contributions, results[0], i, $"{test}");
    }

    private static unsafe void Reduce(Case test, InProcessFabric fabric, int rank, byte[] buffer)
    {
        using var communicator = new CollectiveCommunicator(fabric[rank], s_options);
        var options = new CollectiveOptions { Algorithm = test.Algorithm, SegmentBytes = test.SegmentBytes };
        fixed (byte* data = buffer)
        {
            CollectiveResult result = communicator.AllReduce(data, test.Length, test.Type, test.Op, options);
            Assert.That(result.Algorithm, test.Algorithm == "auto" ? Is.AnyOf([.. Algorithms]) : Is.EqualTo(test.Algorithm));
        }
    }

    private sealed record Case(int Ranks, string Algorithm, ElementType Type, ReduceOp Op, int Length, int SegmentBytes, int Seed);
}

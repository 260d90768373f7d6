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
        foreach (int ranks in RankCounts)
        {
            foreach (int root in TestAlgorithms.Roots(algorithm.Collective, ranks))
                Assert.That(() => ScheduleVerifier.Verify(TestAlgorithms.Create(algorithm.Collective, algorithm.Name, ranks, root)), Throws.Nothing, $"{ranks} ranks, root {root}");
        }
    }

    [Test]
    public void Keeps_to_its_closed_form([ValueSource(nameof(All))] (CollectiveKind Collective, string Name) algorithm)
    {
        // The closed form counts every message and byte that a rank sends one after the other, so lanes side by side can only be better.
        const long Bytes = 720_720;
        Algorithm known = AlgorithmCatalog.Find(algorithm.Collective, algorithm.Name)!;
        foreach (int ranks in RankCounts)
        {
            var spec = new ScheduleSpec(algorithm.Collective, ranks) { Root = ranks / 2 };
            VerificationReport report = ScheduleVerifier.Verify(known.Create(spec));
            double messages = known.Seconds(spec, Bytes, new(1, 0, 0));
            double sent = known.Seconds(spec, Bytes, new(0, 1, 0)) / Bytes;
            double reduced = known.Seconds(spec, Bytes, new(0, 0, 1)) / Bytes;
            Console.WriteLine($"{ranks}: steps {report.Steps} of {messages}, path {report.PathShare:f4} sent {report.SentShare:f4} of {sent:f4}, reduced {report.ReducedShare:f4} of {reduced:f4}");
        }
    }
}

namespace HpcTrain.Collectives.Tests.Schedules;

/// <summary>The table of algorithms, and the page that is made of it.</summary>
[TestFixture]
public sealed class AlgorithmTableTests
{
    /// <summary>Set to 1, the page is written instead of compared.</summary>
    private const string WritePage = "HPCTRAIN_WRITE_ALGORITHMS";

    [Test]
    public void The_page_is_up_to_date()
    {
        string path = Path.Combine(Root(), "src", "HpcTrain.Collectives", "ALGORITHMS.md");
        string page = AlgorithmTable.ToMarkdown([NodeMap.Parse("4x4", 16), NodeMap.Parse("4x3", 12)]);
        if (Environment.GetEnvironmentVariable(WritePage) == "1")
            File.WriteAllText(path, page);
        Assert.That(File.ReadAllText(path), Is.EqualTo(page),
            $"ALGORITHMS.md no longer shows the algorithms as they are; write it anew with {WritePage}=1 dotnet test tests/HpcTrain.Collectives.Tests --filter {nameof(The_page_is_up_to_date)}");
    }

    [Test]
    public void Rows_are_what_the_verifier_counts()
    {
        AlgorithmRow ring = AlgorithmTable.Rows(CollectiveKind.AllReduce, NodeMap.Single(8)).Single(row => row.Algorithm.Name == "ring");
        Assert.That((ring.Report?.Steps, ring.Sent, ring.WhyNot), Is.EqualTo((14, "7/4", (string?)null)));
        AlgorithmRow oneShot = AlgorithmTable.Rows(CollectiveKind.AllReduce, NodeMap.Single(8)).Single(row => row.Algorithm.Name == "one-shot");
        Assert.That((oneShot.Report?.Steps, oneShot.Sent), Is.EqualTo((1, "7")));
    }

    [Test]
    public void Every_algorithm_of_every_collective_says_what_it_costs_and_when_it_wins()
    {
        foreach (Algorithm algorithm in AlgorithmCatalog.All)
            Assert.That(algorithm.ClosedForm.Length * algorithm.WinsFor.Length, Is.Positive, $"{algorithm.Collective} {algorithm.Name}");
        foreach (CollectiveKind collective in Enum.GetValues<CollectiveKind>())
        {
            string[] names = [.. AlgorithmCatalog.Of(collective).SelectMany(algorithm => algorithm.Aliases.Append(algorithm.Name))];
            Assert.That(names, Is.Unique.And.Not.Empty, $"{collective}");
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "HpcTrain.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("no HpcTrain.sln above the tests");
        return folder.FullName;
    }
}

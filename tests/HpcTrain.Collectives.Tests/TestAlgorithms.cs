namespace HpcTrain.Collectives.Tests;

/// <summary>Short names for what tests ask the catalog for.</summary>
internal static class TestAlgorithms
{
    /// <summary>The names of the allreduce algorithms.</summary>
    public static IReadOnlyList<string> AllReduce { get; } = [.. AlgorithmCatalog.Of(CollectiveKind.AllReduce).Select(algorithm => algorithm.Name)];

    /// <summary>Every algorithm of every collective.</summary>
    public static IEnumerable<(CollectiveKind Collective, string Name)> All =>
        AlgorithmCatalog.All.Select(algorithm => (algorithm.Collective, algorithm.Name));

    /// <summary>The algorithms of all collectives but the barrier, which moves no data, as test cases.</summary>
    public static IEnumerable<TestCaseData> WithData { get; } =
    [
        .. AlgorithmCatalog.All.Where(algorithm => algorithm.Collective != CollectiveKind.Barrier)
            .Select(algorithm => new TestCaseData(algorithm).SetArgDisplayNames($"{algorithm.Collective.Name()} {algorithm.Name}")),
    ];

    /// <summary>An allreduce.</summary>
    public static Schedule Create(string name, int ranks) => AlgorithmCatalog.Create(name, new(CollectiveKind.AllReduce, ranks));

    /// <summary>Any collective.</summary>
    public static Schedule Create(CollectiveKind collective, string name, int ranks, int root = 0) =>
        AlgorithmCatalog.Create(name, new(collective, ranks) { Root = root });

    /// <summary>The roots to try: all of a few ranks, some of many, one where the collective has none.</summary>
    public static IEnumerable<int> Roots(CollectiveKind collective, int ranks, int all = 9)
    {
        if (!collective.HasRoot())
            return [0];
        return ranks <= all ? Enumerable.Range(0, ranks) : [0, 1, ranks / 2, ranks - 1];
    }
}

namespace HpcTrain.Collectives.Tests;

/// <summary>Short names for what tests ask the catalog for.</summary>
internal static class TestAlgorithms
{
    /// <summary>The names of the allreduce algorithms.</summary>
    public static IReadOnlyList<string> AllReduce { get; } = [.. AlgorithmCatalog.Of(CollectiveKind.AllReduce).Select(algorithm => algorithm.Name)];

    /// <summary>An allreduce.</summary>
    public static Schedule Create(string name, int ranks) => AlgorithmCatalog.Create(name, new(CollectiveKind.AllReduce, ranks));
}

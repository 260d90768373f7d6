namespace HpcTrain.Collectives.Algorithms;

/// <summary>What the levels of a hierarchy have to be able to do.</summary>
internal static class HierarchyForms
{
    /// <summary>The form that a hierarchy takes; the one that sends least between groups if the inner level is able to do several.</summary>
    /// <param name="collective">What the hierarchy achieves.</param>
    /// <param name="inner">The algorithm inside groups.</param>
    /// <param name="equal">Whether groups have equal size.</param>
    public static HierarchyForm For(CollectiveKind collective, string inner, bool equal)
    {
        if (equal && Has(inner, Scattered(collective)))
            return HierarchyForm.Scattered;
        if (Has(inner, Led(collective)))
            return HierarchyForm.Led;
        return equal && collective == CollectiveKind.AllReduce && Has(inner, [collective]) ? HierarchyForm.Replicated : HierarchyForm.None;
    }

    /// <summary>The names that can be inner levels.</summary>
    public static IEnumerable<string> InnerNames(CollectiveKind collective, bool equal) =>
        AlgorithmCatalog.All.Where(algorithm => !algorithm.IsForNodes).Select(algorithm => algorithm.Name).Distinct()
            .Where(name => For(collective, name, equal) != HierarchyForm.None);

    /// <summary>The names that can be the outermost level.</summary>
    public static IEnumerable<string> OuterNames(CollectiveKind collective) =>
        AlgorithmCatalog.Of(collective).Where(algorithm => !algorithm.IsForNodes).Select(algorithm => algorithm.Name);

    private static CollectiveKind[] Scattered(CollectiveKind collective) => collective switch
    {
        CollectiveKind.AllReduce => [CollectiveKind.ReduceScatter, CollectiveKind.AllGather],
        CollectiveKind.ReduceScatter or CollectiveKind.AllGather or CollectiveKind.Barrier => [collective],
        _ => [],
    };

    private static CollectiveKind[] Led(CollectiveKind collective) => collective switch
    {
        CollectiveKind.AllReduce => [CollectiveKind.Reduce, CollectiveKind.Broadcast],
        CollectiveKind.ReduceScatter => [CollectiveKind.Reduce, CollectiveKind.Scatter],
        CollectiveKind.AllGather => [CollectiveKind.Gather, CollectiveKind.Broadcast],
        CollectiveKind.AllToAll => [],
        _ => [collective],
    };

    private static bool Has(string name, CollectiveKind[] collectives) =>
        collectives.Length > 0 && collectives.All(kind => AlgorithmCatalog.Known(kind, name) != null);
}

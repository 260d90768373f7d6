using System.Collections.Concurrent;
using HpcTrain.Collectives.Algorithms;

namespace HpcTrain.Collectives;

/// <summary>
/// The algorithms by collective and name. A name is matched without regard to case, and <c>_</c> counts as <c>-</c>; aliases, such as
/// <c>rabenseifner</c> for halving-doubling, are understood.
/// </summary>
public static class AlgorithmCatalog
{
    /// <summary>The name that stands for a choice by buffer length and rank count.</summary>
    public const string Auto = "auto";

    private static readonly Algorithm[] s_all =
    [
        RingAllReduce.Algorithm,
        RecursiveDoublingAllReduce.Algorithm,
        HalvingDoublingAllReduce.Algorithm,
        HalvingDoublingBlocksAllReduce.Algorithm,
        BidirectionalRingAllReduce.Algorithm,
        DirectAllReduce.Algorithm,
        OneShotAllReduce.Algorithm,
        TreeAllReduce.Algorithm,
        KNomialAllReduce.Algorithm,
        ChainAllReduce.Algorithm,
        DoubleBinaryTreeAllReduce.Algorithm,
        Hierarchy.Algorithm(CollectiveKind.AllReduce, "hierarchy:direct+ring"),
        Hierarchy.Algorithm(CollectiveKind.AllReduce, "hierarchy:direct+halving-doubling"),
        Hierarchy.Algorithm(CollectiveKind.AllReduce, "hierarchy:one-shot+recursive-doubling"),
        Hierarchy.Algorithm(CollectiveKind.AllReduce, "hierarchy:direct+direct+ring"),

        RingReduceScatter.Algorithm,
        RecursiveHalvingReduceScatter.Algorithm,
        DirectReduceScatter.Algorithm,
        Hierarchy.Algorithm(CollectiveKind.ReduceScatter, "hierarchy:direct+ring"),
        Hierarchy.Algorithm(CollectiveKind.ReduceScatter, "hierarchy:direct+recursive-halving"),

        RingAllGather.Algorithm,
        RecursiveDoublingAllGather.Algorithm,
        BruckAllGather.Algorithm,
        BidirectionalRingAllGather.Algorithm,
        DirectAllGather.Algorithm,
        Hierarchy.Algorithm(CollectiveKind.AllGather, "hierarchy:direct+ring"),
        Hierarchy.Algorithm(CollectiveKind.AllGather, "hierarchy:direct+bruck"),

        BinomialReduce.Algorithm,
        KNomialReduce.Algorithm,
        ChainReduce.Algorithm,
        ReduceScatterGatherReduce.Algorithm,
        DoubleBinaryTreeReduce.Algorithm,
        DirectReduce.Algorithm,
        Hierarchy.Algorithm(CollectiveKind.Reduce, "hierarchy:direct+binomial"),

        BinomialBroadcast.Algorithm,
        KNomialBroadcast.Algorithm,
        ChainBroadcast.Algorithm,
        ScatterAllGatherBroadcast.Algorithm,
        DoubleBinaryTreeBroadcast.Algorithm,
        DirectBroadcast.Algorithm,
        Hierarchy.Algorithm(CollectiveKind.Broadcast, "hierarchy:direct+binomial"),
        Hierarchy.Algorithm(CollectiveKind.Broadcast, "hierarchy:direct+scatter-allgather"),

        BinomialGather.Algorithm,
        DirectGather.Algorithm,
        Hierarchy.Algorithm(CollectiveKind.Gather, "hierarchy:direct+binomial"),

        BinomialScatter.Algorithm,
        DirectScatter.Algorithm,
        Hierarchy.Algorithm(CollectiveKind.Scatter, "hierarchy:direct+binomial"),

        DirectAllToAll.Algorithm,
        PairwiseAllToAll.Algorithm,
        ByNodeAllToAll.Algorithm,

        DisseminationBarrier.Algorithm,
        TreeBarrier.Algorithm,
        RecursiveDoublingBarrier.Algorithm,
        Hierarchy.Algorithm(CollectiveKind.Barrier, "hierarchy:tree+dissemination"),
    ];

    private static readonly ConcurrentDictionary<(CollectiveKind, string), Algorithm> s_hierarchies = [];

    private static readonly Algorithm[][] s_byCollective =
        [.. Enum.GetValues<CollectiveKind>().Select(kind => s_all.Where(algorithm => algorithm.Collective == kind).ToArray())];

    /// <summary>All algorithms of all collectives.</summary>
    public static IReadOnlyList<Algorithm> All => s_all;

    /// <summary>The algorithms of a collective.</summary>
    public static IReadOnlyList<Algorithm> Of(CollectiveKind collective) => s_byCollective[(int)collective];

    /// <summary>Everything that may be asked for: the names of a collective's algorithms, and <see cref="Auto"/>.</summary>
    public static IEnumerable<string> Names(CollectiveKind collective) => Of(collective).Select(algorithm => algorithm.Name).Append(Auto);

    /// <summary>The algorithm of that name or alias; null for <see cref="Auto"/>. Hierarchies need not be listed to be found.</summary>
    /// <exception cref="ScheduleException">There is no such algorithm; the message lists the valid ones.</exception>
    public static Algorithm? Find(CollectiveKind collective, string name)
    {
        // The usual case first: a name that is already right costs a few comparisons and no allocation.
        if (name == Auto)
            return null;
        foreach (Algorithm algorithm in s_byCollective[(int)collective])
        {
            if (algorithm.Name == name)
                return algorithm;
        }

        if (s_hierarchies.TryGetValue((collective, name), out Algorithm? hierarchy))
            return hierarchy;
        string normal = name.Trim().Replace('_', '-').ToLowerInvariant();
        if (normal == Auto)
            return null;
        if (HierarchyLevel.IsHierarchy(normal))
            return s_hierarchies.GetOrAdd((collective, normal), static key => Hierarchy.Checked(key.Item1, key.Item2));
        return Known(collective, normal) ?? throw new ScheduleException(
            $"There is no {collective.Name()} algorithm '{name}'; the valid ones are {string.Join(", ", Names(collective))}, "
            + $"and others of the form {HierarchyLevel.Prefix}INNER+OUTER.");
    }

    /// <summary>The one spelling of a name or alias.</summary>
    /// <exception cref="ScheduleException">There is no such algorithm; the message lists the valid ones.</exception>
    public static string Parse(CollectiveKind collective, string name) => Find(collective, name)?.Name ?? Auto;

    /// <summary>Makes the schedule of a named algorithm.</summary>
    /// <param name="name">A name or alias, not <see cref="Auto"/>: a choice needs the buffer's length.</param>
    /// <param name="spec">What is asked for.</param>
    /// <exception cref="ScheduleException">There is no such algorithm, or it cannot be used for this request.</exception>
    public static Schedule Create(string name, ScheduleSpec spec)
    {
        Algorithm algorithm = Find(spec.Collective, name) ?? throw new ScheduleException(
            $"'{Auto}' is a choice, not an algorithm; name one of {string.Join(", ", Of(spec.Collective).Select(known => known.Name))}.");
        if (spec.Ranks < 1)
            throw new ScheduleException($"A schedule needs at least one rank, not {spec.Ranks}.");
        if (spec.Collective.HasRoot() && (uint)spec.Root >= (uint)spec.Ranks)
            throw new ScheduleException($"Root {spec.Root} is not one of the {spec.Ranks} ranks, which are numbered from 0 to {spec.Ranks - 1}.");
        if (spec.Nodes is { } nodes && nodes.Ranks != spec.Ranks)
            throw new ScheduleException($"The node map has {nodes.Ranks} ranks, but there are {spec.Ranks}.");
        if (algorithm.Unusable(spec) is { } why)
            throw new ScheduleException($"Algorithm '{algorithm.Name}' cannot be used for {spec.Collective.Name()} on {spec.Ranks} ranks: {why}.");
        return algorithm.Create(spec);
    }

    /// <summary>The algorithms among which <see cref="Auto"/> chooses: those that are usable; hierarchies only where there are several nodes.</summary>
    public static IEnumerable<Algorithm> Candidates(ScheduleSpec spec) =>
        Of(spec.Collective).Where(algorithm => IsCandidate(algorithm, spec));

    /// <summary>
    /// What <see cref="Auto"/> means without a rule: of the <see cref="Candidates"/> the one whose closed form is smallest; the first in the list where
    /// several are.
    /// </summary>
    /// <param name="spec">What is asked for.</param>
    /// <param name="bytes">The length of the whole data buffer in bytes.</param>
    /// <param name="model">The costs to compare by.</param>
    public static Algorithm Choose(ScheduleSpec spec, long bytes, CostModel model)
    {
        Algorithm? best = null;
        double least = double.PositiveInfinity;
        foreach (Algorithm algorithm in s_byCollective[(int)spec.Collective])
        {
            if (!IsCandidate(algorithm, spec))
                continue;
            double seconds = algorithm.Seconds(spec, bytes, model);
            if (best == null || seconds < least)
                (best, least) = (algorithm, seconds);
        }

        return best ?? throw new ScheduleException($"No algorithm can do {spec.Collective.Name()} on {spec.Ranks} ranks.");
    }

    private static bool IsCandidate(Algorithm algorithm, ScheduleSpec spec) =>
        !(algorithm.IsForNodes && spec.Nodes is null or { Nodes: 1 }) && algorithm.Unusable(spec) == null;

    /// <summary>The listed algorithm of that name or alias, in its one spelling; null when there is none.</summary>
    internal static Algorithm? Known(CollectiveKind collective, string name)
    {
        foreach (Algorithm algorithm in s_byCollective[(int)collective])
        {
            if (algorithm.Name == name || algorithm.Aliases.Contains(name))
                return algorithm;
        }

        return null;
    }
}

namespace HpcTrain.Collectives;

/// <summary>What a schedule is asked for: the collective, the ranks, and where they are. An algorithm is a function of it.</summary>
/// <param name="Collective">What it has to achieve.</param>
/// <param name="Ranks">The number of ranks; at least 1.</param>
public sealed record ScheduleSpec(CollectiveKind Collective, int Ranks)
{
    /// <summary>The root of collectives that have one; others ignore it.</summary>
    public int Root { get; init; }

    /// <summary>Which ranks share a node; null: all do, or nobody knows. Only hierarchies look at it.</summary>
    public NodeMap? Nodes { get; init; }

    /// <summary>The root as <see cref="Schedule"/> wants it: null for collectives without one.</summary>
    public int? RootOrNone => Collective.HasRoot() ? Root : null;

    /// <summary>The node map; all ranks on one node when none is given.</summary>
    public NodeMap NodesOrOne => Nodes ?? NodeMap.Single(Ranks);
}

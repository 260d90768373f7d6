namespace HpcTrain.Collectives;

/// <summary>A rule: calls of these ranks and lengths are done so.</summary>
/// <param name="Collective">The collective it is for.</param>
/// <param name="Algorithm">The algorithm's name, as <see cref="AlgorithmCatalog"/> spells it; not <c>auto</c>. Where there is a <see cref="Schedule"/>, that of its algorithm.</param>
public sealed record TuningRule(CollectiveKind Collective, string Algorithm)
{
    /// <summary>The schedule that calls are done by instead of an algorithm; null for an algorithm. It is for its number of ranks, and for its root, alone.</summary>
    public RuleSchedule? Schedule { get; init; }

    /// <summary>The rank counts it is for.</summary>
    public NumberRange Ranks { get; init; } = NumberRange.Any;

    /// <summary>The node counts it is for.</summary>
    public NumberRange Nodes { get; init; } = NumberRange.Any;

    /// <summary>The ranks that each node may have.</summary>
    public NumberRange RanksPerNode { get; init; } = NumberRange.Any;

    /// <summary>
    /// The lengths it is for, in bytes of the whole data buffer: for collectives with blocks, of all blocks together; for sums of 16-bit floats that
    /// travel in f32, four bytes per element.
    /// </summary>
    public NumberRange Bytes { get; init; } = NumberRange.Any;

    /// <summary>The longest message in bytes; 0 for the default.</summary>
    public long SegmentBytes { get; init; }

    /// <summary>Whether it is for such a call.</summary>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="nodes">Which of them share a node; null: all do.</param>
    /// <param name="bytes">The length of the whole data buffer in bytes.</param>
    /// <param name="root">The call's root; of no matter where the collective has none.</param>
    public bool Matches(int ranks, NodeMap? nodes, long bytes, int root = 0)
    {
        if (Schedule is { } given && (given.Schedule.Ranks != ranks || (given.Schedule.Root ?? root) != root))
            return false;
        if (!Ranks.Contains(ranks) || !Bytes.Contains(bytes) || !Nodes.Contains(nodes?.Nodes ?? 1))
            return false;
        return nodes == null ? RanksPerNode.Contains(ranks) : nodes.Members.All(members => RanksPerNode.Contains(members.Length));
    }
}

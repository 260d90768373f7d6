using System.Collections.Immutable;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>One level of a hierarchy.</summary>
/// <param name="Name">The algorithm inside its groups.</param>
/// <param name="GroupSize">The ranks of a group; 0 where nodes are the groups.</param>
internal sealed record HierarchyLevel(string Name, int GroupSize)
{
    /// <summary>How the names of hierarchies begin.</summary>
    public const string Prefix = "hierarchy:";

    private const int MostLevels = 8;

    /// <summary>Whether a name, in its one spelling, means a hierarchy.</summary>
    public static bool IsHierarchy(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary><c>direct</c>, or <c>direct@4</c> with a group size.</summary>
    public override string ToString() => GroupSize == 0 ? Name : $"{Name}@{GroupSize}";

    /// <summary>Reads <c>hierarchy:direct+ring</c> or <c>hierarchy:direct@4+direct+ring</c>, inner levels first.</summary>
    /// <exception cref="ScheduleException">It is not written like that.</exception>
    public static ImmutableArray<HierarchyLevel> Parse(string name)
    {
        string[] parts = name[Prefix.Length..].Split('+');
        if (parts.Length is < 2 or > MostLevels)
            throw Wrong(name, $"it has {parts.Length} level{(parts.Length == 1 ? "" : "s")}, and a hierarchy has from 2 to {MostLevels}");
        var levels = ImmutableArray.CreateBuilder<HierarchyLevel>(parts.Length);
        foreach (string part in parts)
        {
            int at = part.IndexOf('@', StringComparison.Ordinal);
            int size = 0;
            if (at >= 0 && (!int.TryParse(part.AsSpan(at + 1), out size) || size < 1))
                throw Wrong(name, $"'{part[(at + 1)..]}' is no number of ranks");
            levels.Add(new(at >= 0 ? part[..at] : part, size));
        }

        return levels[^1].GroupSize == 0 ? levels.MoveToImmutable() : throw Wrong(name, "its outermost level takes all groups, so it has no size");
    }

    /// <summary>The groups of this level.</summary>
    public NodeMap Groups(NodeMap nodes)
    {
        if (GroupSize == 0)
            return nodes;
        var groups = new int[nodes.Ranks];
        int group = 0;
        foreach (ImmutableArray<int> members in nodes.Members)
        {
            for (int local = 0; local < members.Length; local++)
                groups[members[local]] = group + (local / GroupSize);
            group += (members.Length + GroupSize - 1) / GroupSize;
        }

        return new(groups);
    }

    private static ScheduleException Wrong(string name, string why) =>
        new($"'{name}' is not a hierarchy, because {why}; write {Prefix}direct+ring (inside nodes, then across them) "
            + $"or {Prefix}direct@4+direct+ring (groups of 4 first).");
}

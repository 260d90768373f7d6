using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>
/// From a rate that is possible to trees that reach it: switches are removed, trees packed over what is left, and their edges given paths. First by guesses, whose
/// trees prove themselves; where they do not come out, by the exact ways.
/// </summary>
internal static class RootedPacking
{
    /// <summary>From so many ranks on, the exact ways may take minutes.</summary>
    private const int ManyRanks = 256;

    /// <summary>Trees that together have the rate.</summary>
    /// <param name="graph">The graph; its switches are balanced.</param>
    /// <param name="links">Its links, scaled.</param>
    /// <param name="demands">The demands, in the unit of the links divided by the denominator.</param>
    /// <param name="denominator">What capacities are multiplied by, so that demands are whole.</param>
    public static ImmutableArray<PackedTree> Pack(LinkGraph graph, ScaledLinks links, IReadOnlyList<RootDemand> demands, long denominator)
    {
        long[] capacities = [.. links.Capacities.Select(capacity => checked(capacity * denominator))];
        Rational unit = links.Unit / denominator;
        if (Guess(graph, capacities, demands) is { } guessed)
            return LogicalTree.ToPaths(guessed, graph, capacities, unit);
        if (graph.Ranks >= ManyRanks && RingForest.Pack(graph, capacities, demands, unit) is { } ring)
            return ring;
        return LogicalTree.ToPaths(Exact(graph, capacities, demands), graph, capacities, unit);
    }

    private static List<LogicalTree>? Guess(LinkGraph graph, long[] capacities, IReadOnlyList<RootDemand> demands)
    {
        foreach (bool spread in graph.Ranks == graph.Nodes.Length ? [false] : new[] { true, false })
        {
            var links = new LogicalLinks(graph, capacities);
            SwitchRemoval.Guess(links, spread);
            if (GreedyForest.Pack(links, demands) is { } trees)
                return trees;
        }

        return null;
    }

    private static List<LogicalTree> Exact(LinkGraph graph, long[] capacities, IReadOnlyList<RootDemand> demands)
    {
        var feeds = new long[graph.Ranks];
        foreach (RootDemand demand in demands)
            feeds[demand.Root] += demand.Weight;
        var links = new LogicalLinks(graph, capacities);
        SwitchRemoval.Remove(links, feeds);
        return GreedyForest.Pack(links, demands) ?? ExactForest.Pack(links, demands);
    }
}

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>Trees turned round, and rooted elsewhere.</summary>
internal static class TreeDirections
{
    /// <summary>The edge that leads back along the same path.</summary>
    public static TreeEdge Reverse(TreeEdge edge) => new(edge.To, edge.From, [.. edge.Path.Reverse()]);

    /// <summary>Edges that lead back along the same paths, in the same order.</summary>
    public static ImmutableArray<TreeEdge> Reverse(ImmutableArray<TreeEdge> edges) => [.. edges.Select(Reverse)];

    /// <summary>Whether edges are the reverse of others, in the same order.</summary>
    public static bool AreReverse(ImmutableArray<TreeEdge> edges, ImmutableArray<TreeEdge> others) => edges.Length == others.Length && edges.Zip(others).All(pair =>
        (pair.First.From, pair.First.To) == (pair.Second.To, pair.Second.From) && pair.First.Path.SequenceEqual(pair.Second.Path.Reverse()));

    /// <summary>The same tree led out of another rank.</summary>
    public static ImmutableArray<TreeEdge> RootAt(int root, ImmutableArray<TreeEdge> edges)
    {
        ILookup<int, TreeEdge> leaving = edges.Concat(edges.Select(Reverse)).ToLookup(edge => edge.From);
        HashSet<int> reached = [root];
        var order = new List<TreeEdge>(edges.Length);
        order.AddRange(leaving[root].Where(edge => reached.Add(edge.To)));
        for (int i = 0; i < order.Count; i++)
            order.AddRange(leaving[order[i].To].Where(edge => reached.Add(edge.To)));
        return [.. order];
    }
}

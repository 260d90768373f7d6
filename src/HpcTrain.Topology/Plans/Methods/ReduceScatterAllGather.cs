using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>
/// Allreduce as a reduce-scatter and an allgather, each at its best rate, through any switches: every rank sums a part of the buffer and sends it to all.
/// </summary>
/// <remarks>
/// <para>
/// Run one after the other they take M / r + M / g at rates r and g. Run at the same time, piece by piece, each has the links for its part of that time: all weights of
/// the reduce-scatter count g / (r + g), those of the allgather r / (r + g), and both have the rate r g / (r + g), which is half of g where all links go both ways
/// alike. The trees are paired root by root: the trees into a root and those out of it, put one behind the other by weight, are cut where either ends, and each piece
/// is a tree of the plan with its way up and its way down.
/// </para>
/// <para>Over direct links undirected trees are mostly better; where there are switches they do not exist, and this is the general way.</para>
/// </remarks>
internal static class ReduceScatterAllGather
{
    /// <summary>The method on a graph whose ranks all reach each other.</summary>
    public static PlanMethod Find(LinkGraph graph)
    {
        RootedRate gather = ForestPacking.Rate(graph);
        Rational g = ForestPacking.Optimum(graph, gather);
        if (Symmetry.Has(graph))
        {
            return new(PlanMethods.ReduceScatterAllGather, g / 2, gather.Limit(graph, g / 2), () =>
                [.. ForestPacking.Pack(graph, gather).Select(tree => new PlanTree(tree.Root, tree.Weight / 2, TreeDirections.Reverse(tree.Edges), tree.Edges))]);
        }

        TreePacking scatter = ForestPacking.PlanReduceScatter(graph);
        Rational r = scatter.Optimum, rate = r * g / (r + g);
        LimitingCut cut = r < g ? scatter.Cut with { Optimum = rate } : gather.Limit(graph, rate);
        return new(PlanMethods.ReduceScatterAllGather, rate, cut, () => Pair(Scale(scatter.Trees, g / (r + g)), Scale(ForestPacking.Pack(graph, gather), r / (r + g))));
    }

    private static ImmutableArray<PackedTree> Scale(ImmutableArray<PackedTree> trees, Rational by) => [.. trees.Select(tree => tree with { Weight = tree.Weight * by })];

    /// <summary>Trees into each root with trees out of it, of the same weight together, cut where either ends.</summary>
    private static ImmutableArray<PlanTree> Pair(ImmutableArray<PackedTree> into, ImmutableArray<PackedTree> outOf)
    {
        ILookup<int, PackedTree> ups = into.ToLookup(tree => tree.Root);
        var pairs = new List<PlanTree>();
        foreach (IGrouping<int, PackedTree> downs in outOf.GroupBy(tree => tree.Root))
        {
            var up = new Queue<PackedTree>(ups[downs.Key]);
            Rational left = up.Peek().Weight;
            foreach (PackedTree down in downs)
            {
                for (Rational needed = down.Weight; needed.Sign > 0;)
                {
                    Rational piece = Rational.Min(left, needed);
                    pairs.Add(new(downs.Key, piece, up.Peek().Edges, down.Edges));
                    needed -= piece;
                    left -= piece;
                    if (left.Sign > 0)
                        continue;
                    up.Dequeue();
                    left = up.Count > 0 ? up.Peek().Weight : Rational.Zero;
                }
            }
        }

        return [.. pairs];
    }
}

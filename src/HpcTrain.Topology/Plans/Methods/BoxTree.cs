using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>What a piece of the buffer does inside one box: up to a rank of it, and down again.</summary>
/// <param name="Root">The local root.</param>
/// <param name="Share">The part of the buffer that goes this way; of a box, the shares add up to 1.</param>
/// <param name="In">As for <see cref="PlanTree"/>; empty if the box has one rank.</param>
/// <param name="Out">As for <see cref="PlanTree"/>.</param>
internal sealed record BoxTree(int Root, Rational Share, ImmutableArray<TreeEdge> In, ImmutableArray<TreeEdge> Out)
{
    /// <summary>
    /// The trees of a box, by ascending roots, each of which gets as much as any other, so that what they hand on to other boxes leaves by all NICs alike. Undirected
    /// trees load their links alike wherever they are rooted: they are cut into as many parts, laid end to end, as there are ranks.
    /// </summary>
    /// <param name="box">The links in the box; its ranks all reach each other.</param>
    /// <param name="planner">Who packs the trees.</param>
    public static ImmutableArray<BoxTree> Of(LinkGraph box, PlanPlanner planner)
    {
        if (box.Ranks == 1)
            return [new(0, Rational.One, [], [])];
        if (UndirectedTrees.Joins(box))
        {
            TreePacking packing = planner == PlanPlanner.Blink ? BlinkPacking.PlanAllReduce(box) : SpanningTreePacking.Plan(box);
            return [.. Spread(packing, box.Ranks)];
        }

        PlanMethod method = OneHop.Find(box) ?? ReduceScatterAllGather.Find(box);
        return [.. method.MakeTrees().OrderBy(tree => tree.Root).Select(tree => new BoxTree(tree.Root, tree.Weight / method.Optimum, tree.In, tree.Out))];
    }

    private static IEnumerable<BoxTree> Spread(TreePacking packing, int ranks)
    {
        int root = 0;
        Rational free = new(1, ranks); // what the present root has left
        foreach (PackedTree tree in packing.Trees)
        {
            for (Rational left = tree.Weight / packing.Rate; left.Sign > 0;)
            {
                Rational share = Rational.Min(left, free);
                ImmutableArray<TreeEdge> outwards = TreeDirections.RootAt(root, tree.Edges);
                yield return new(root, share, TreeDirections.Reverse(outwards), outwards);
                left -= share;
                free -= share;
                if (free.Sign == 0)
                    (root, free) = (root + 1, new(1, ranks));
            }
        }
    }
}

using System.Collections.Immutable;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Plans;

/// <summary>Makes sure that a plan's trees are trees, in the directions that its collective needs. Whether they fit the links is another question.</summary>
internal static class PlanTreeCheck
{
    /// <exception cref="ScheduleException">They are not: which, and why.</exception>
    public static void Run(LinkPlan plan)
    {
        bool needsUp = plan.Collective is PackedCollective.AllReduce or PackedCollective.ReduceScatter;
        bool needsDown = plan.Collective != PackedCollective.ReduceScatter;
        if (plan.Trees.IsDefaultOrEmpty)
            throw new ScheduleException($"The plan for {plan.Graph.Name} has no trees, so there is nothing to run; make the plan anew.");
        var reached = new int[plan.Graph.Ranks];
        for (int t = 0; t < plan.Trees.Length; t++)
        {
            PlanTree tree = plan.Trees[t];
            string? fault = (uint)tree.Root >= (uint)reached.Length ? "has an unknown root"
                : tree.Weight.Sign <= 0 ? $"has weight {tree.Weight}, which is not above 0"
                : Fault(tree, tree.In, needsUp, isUp: true, reached, (2 * t) + 1) ?? Fault(tree, tree.Out, needsDown, isUp: false, reached, (2 * t) + 2);
            if (fault != null)
                throw new ScheduleException($"Tree {t} of the plan for {plan.Graph.Name}, root {tree.Root}, {fault}.");
        }

        if (plan.Collective == PackedCollective.Broadcast && Array.Find([.. plan.Trees], tree => tree.Root != plan.Trees[0].Root) is { } other)
            throw new ScheduleException($"The plan for {plan.Graph.Name} is a broadcast from ranks {plan.Trees[0].Root} and {other.Root}; a broadcast has one root.");
    }

    /// <param name="tree">The tree.</param>
    /// <param name="edges">Its edges in one direction.</param>
    /// <param name="isNeeded">Whether the collective has that direction; otherwise there must be no edges.</param>
    /// <param name="isUp">Whether they lead to the root.</param>
    /// <param name="reached">For each rank the last mark that it got.</param>
    /// <param name="mark">A mark that was never used.</param>
    private static string? Fault(PlanTree tree, ImmutableArray<TreeEdge> edges, bool isNeeded, bool isUp, int[] reached, int mark)
    {
        string way = isUp ? "up to the root" : "down from the root";
        if (!isNeeded)
            return edges.IsEmpty ? null : $"has edges {way}, for which its collective has no use";
        reached[tree.Root] = mark;
        foreach (TreeEdge edge in edges)
        {
            (int near, int far) = isUp ? (edge.To, edge.From) : (edge.From, edge.To);
            if ((uint)near >= (uint)reached.Length || (uint)far >= (uint)reached.Length || reached[near] != mark || reached[far] == mark)
                return $"cannot have the edge from {edge.From} to {edge.To} there on its way {way}";
            reached[far] = mark;
        }

        int missing = Array.FindIndex(reached, last => last != mark);
        return missing < 0 ? null : $"leaves out rank {missing} on its way {way}";
    }
}

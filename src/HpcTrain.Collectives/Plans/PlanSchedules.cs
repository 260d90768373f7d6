using System.Collections.Immutable;
using HpcTrain.Collectives.Plans;
using HpcTrain.Topology;

namespace HpcTrain.Collectives;

/// <summary>Schedules of plans for given links: what a planner packed into them, as something that can be verified, run, drawn and exchanged.</summary>
/// <remarks>
/// Each tree carries a chunk of its own, whose weight is the tree's: all trees then end together, and no link is busy for longer than the plan says. A chunk goes up its
/// tree as partial sums, shallow subtrees first, and down it as the result, so every rank ends with the bits that the tree's root found. Cost of a rank's program: its
/// messages; the first one asked for also goes once through all trees.
/// </remarks>
public static class PlanSchedules
{
    /// <summary>Makes the schedule of a plan.</summary>
    /// <param name="plan">The plan. Ranks are those of its graph.</param>
    /// <returns>A schedule whose algorithm is called <c>plan:</c> and the plan's method. A rank builds only its own program.</returns>
    /// <exception cref="ScheduleException">
    /// A tree does not span the ranks or lacks a direction that the collective needs, a broadcast has several roots, owners get unequal shares, the weights have no common
    /// measure of a useful size, or more ways lead from one rank to another than there are channels.
    /// </exception>
    public static Schedule Create(LinkPlan plan)
    {
        PlanMessages messages = new(plan, Trees(plan));
        CollectiveKind collective = KindOf(plan.Collective);
        ImmutableArray<long> weights = PlanWeights.Of(messages.Trees);
        ImmutableArray<Chunk> chunks = [.. messages.Trees.Select((tree, t) => new Chunk(weights[t], collective.HasOwners() ? tree.Root : -1))];
        int? root = collective.HasRoot() ? messages.Trees[0].Root : null;
        return new(collective, $"plan:{plan.Method}", plan.Graph.Ranks, chunks, rank => PlanProgram.Write(messages.Of(rank), rank, chunks.Length), root);
    }

    /// <summary>The collective of a schedule for what a plan carries out.</summary>
    public static CollectiveKind KindOf(PackedCollective collective) => collective switch
    {
        PackedCollective.Broadcast => CollectiveKind.Broadcast,
        PackedCollective.AllReduce => CollectiveKind.AllReduce,
        PackedCollective.AllGather => CollectiveKind.AllGather,
        _ => CollectiveKind.ReduceScatter,
    };

    /// <summary>The trees in the order of their chunks: owners' blocks are in the order of ranks.</summary>
    internal static ImmutableArray<PlanTree> Trees(LinkPlan plan) => KindOf(plan.Collective).HasOwners() ? [.. plan.Trees.OrderBy(tree => tree.Root)] : plan.Trees;
}

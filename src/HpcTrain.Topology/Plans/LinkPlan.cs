using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>What a planner made of a collective on given links: trees that together fit them, and how close they come to the best possible.</summary>
/// <param name="Graph">The topology that it was made for, as allocated: ranks are numbered as in the communicator that will run it.</param>
/// <param name="Collective">What it carries out.</param>
/// <param name="Method">How the trees were found, by its name in texts and files: <c>trees</c>, <c>reduce-scatter+allgather</c>, <c>three-phase</c>, <c>one-hop</c>, <c>blink</c>, ...</param>
/// <param name="Optimum">The best rate that any plan of the methods compared reaches, in 10^9 bytes of the whole buffer per second (algbw).</param>
/// <param name="Trees">The trees; their weights are what each may use of the links at the same time, and add up to the rate.</param>
/// <param name="Cut">What limits the optimum.</param>
public sealed record LinkPlan(LinkGraph Graph, PackedCollective Collective, string Method, Rational Optimum, ImmutableArray<PlanTree> Trees, LimitingCut Cut)
{
    /// <summary>The rate in 10^9 bytes of the whole buffer per second (algbw): the sum of the trees' weights.</summary>
    public Rational Rate => Trees.Aggregate(Rational.Zero, (sum, tree) => sum + tree.Weight);

    /// <summary>The part of the optimum that the plan reaches, at most 1.</summary>
    public Rational Share => Rate / Optimum;

    /// <summary>What it was chosen from, and what it is measured by; null if whoever made it did not say.</summary>
    public PlanComparison? Comparison { get; init; }

    /// <summary>Refuses a plan for another topology than the one at hand.</summary>
    /// <param name="graph">The topology at hand, as allocated.</param>
    /// <exception cref="TopologyException">They differ: the message names both fingerprints.</exception>
    public void RequireTopology(LinkGraph graph)
    {
        if (graph.Fingerprint is var here && Graph.Fingerprint is var planned && here != planned)
        {
            throw new TopologyException(
                $"The plan is for topology '{Graph.Name}' with {Graph.Ranks} ranks (fingerprint {planned}), not for '{graph.Name}' with {graph.Ranks} ranks "
                + $"(fingerprint {here}): ranks, links or bandwidths differ; plan anew for this one.");
        }
    }

    /// <summary>A packing of trees as a plan of the same trees.</summary>
    public static LinkPlan Of(LinkGraph graph, TreePacking packing, string method) => new(
        graph,
        packing.Collective,
        method,
        packing.Optimum,
        [.. packing.Trees.Select(tree => packing.Collective switch
        {
            PackedCollective.AllReduce => new PlanTree(tree.Root, tree.Weight, Reversed(tree.Edges), tree.Edges),
            PackedCollective.ReduceScatter => new PlanTree(tree.Root, tree.Weight, tree.Edges, []),
            _ => new PlanTree(tree.Root, tree.Weight, [], tree.Edges),
        })],
        packing.Cut);

    private static ImmutableArray<TreeEdge> Reversed(ImmutableArray<TreeEdge> edges) =>
        [.. edges.Select(edge => new TreeEdge(edge.To, edge.From, [.. edge.Path.Reverse()]))];
}

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>
/// Broadcast and allreduce as Blink plans them (G. Wang and others, Blink: fast and generic collectives for distributed ML, MLSys 2020, arXiv 1910.04940): for
/// comparison with the paper. The exact packings need less time and reach more.
/// </summary>
/// <remarks>
/// <para>
/// Multiplicative weights give many trees that almost pack the links (<see cref="MultiplicativeWeights"/>); an integer programme keeps few of them, with weights that
/// are whole numbers of links (<see cref="WeightSearch"/>). If that is within 5 % of the optimum, it is the plan; otherwise weights may be halves, thirds and so on of
/// a link, and in the end any fractions, which a linear programme finds.
/// </para>
/// <para>
/// Patent: the method of Blink (weights, integer programme, choice of chunks) is described in US 11,868,880 B2. <see cref="ArborescencePacking"/> and
/// <see cref="SpanningTreePacking"/>, which pack by max-flows, take neither step. Whether that matters for a use of this class is for the reader's counsel to say.
/// </para>
/// </remarks>
public static class BlinkPacking
{
    private const int FinestParts = 8;
    private static readonly Rational CloseEnough = new(95, 100);

    /// <summary>Plans a broadcast.</summary>
    /// <param name="graph">Links between ranks.</param>
    /// <param name="root">The rank that has the data.</param>
    /// <exception cref="TopologyException">There are switches; or as <see cref="ArborescencePacking.Plan"/>.</exception>
    public static TreePacking PlanBroadcast(LinkGraph graph, int root)
    {
        RequireDirect(graph);
        return Plan(graph, root, ArborescencePacking.Plan(graph, root), [.. Enumerable.Range(0, graph.Links.Length)]);
    }

    /// <summary>Plans an allreduce: a reduce up the trees and a broadcast down the same.</summary>
    /// <param name="graph">Links between ranks; of a link whose directions differ, the lesser counts.</param>
    /// <exception cref="TopologyException">As <see cref="SpanningTreePacking.Plan"/>.</exception>
    public static TreePacking PlanAllReduce(LinkGraph graph)
    {
        RequireDirect(graph);
        TreePacking exact = SpanningTreePacking.Plan(graph);
        LinkGraph twoWay = TwoWayLinks.Of(graph).Graph;
        var numbers = twoWay.Links.Index().ToDictionary(pair => (pair.Item.From, pair.Item.To), pair => pair.Index);
        return Plan(twoWay, 0, exact, [.. twoWay.Links.Select(link => numbers[(link.To, link.From)])]);
    }

    private static void RequireDirect(LinkGraph graph)
    {
        if (graph.Nodes.Length > graph.Ranks)
            throw new TopologyException($"Topology '{graph.Name}' has {graph.Nodes[graph.Ranks].Name}; Blink packs trees over links between ranks alone. Take the exact planner.");
    }

    private static TreePacking Plan(LinkGraph graph, int root, TreePacking exact, int[] back)
    {
        List<int[]> trees = MultiplicativeWeights.Trees(graph, root, back);
        int[][] uses = [.. trees.Select(tree => tree.Concat(tree.Select(link => back[link])).Distinct().ToArray())];
        ScaledLinks scaled = ScaledLinks.Of(graph);
        for (int parts = 1; parts <= FinestParts; parts++)
        {
            Rational unit = scaled.Unit / parts;
            long[] whole = WeightSearch.Best(graph, root, uses, [.. scaled.Capacities.Select(capacity => capacity * parts)], (long)(exact.Optimum / unit).Floor);
            if (unit * whole.Sum() >= CloseEnough * exact.Optimum)
                return Packing([.. whole.Select(weight => unit * weight)]);
        }

        return Packing(PackingSimplex.Solve(uses, [.. graph.Links.Select(link => link.Bandwidth)]));

        TreePacking Packing(Rational[] weights) => exact with
        {
            Method = PackingMethod.Blink,
            Trees = [.. trees.Zip(weights).Where(pair => pair.Second.Sign > 0).Select(pair => new PackedTree(root, pair.Second, Outwards(graph, root, pair.First)))],
        };
    }

    private static ImmutableArray<TreeEdge> Outwards(LinkGraph graph, int root, int[] tree)
    {
        ILookup<int, Link> leaving = tree.Select(link => graph.Links[link]).ToLookup(link => link.From);
        var order = new List<Link>(leaving[root]);
        for (int i = 0; i < order.Count; i++)
            order.AddRange(leaving[order[i].To]);
        return [.. order.Select(link => new TreeEdge(link.From, link.To, [link.From, link.To]))];
    }
}

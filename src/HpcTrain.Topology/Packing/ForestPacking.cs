using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>
/// Allgather and reduce-scatter over trees of all roots at once, through any switches, at the best rate that the links allow (ForestColl, L. Zhao and others, arXiv
/// 2402.06787).
/// </summary>
/// <remarks>
/// <para>
/// Three steps, each exact: the rate, from the cut that the most roots share (<see cref="RootedRate"/>); switches are removed by splitting off edges
/// (<see cref="SwitchRemoval"/>); trees of all roots are packed over what is left (<see cref="ExactForest"/>). Before the last two, guesses are tried whose trees
/// prove themselves (<see cref="SwitchPattern"/>, <see cref="GreedyForest"/>): on clusters of equal boxes they come out, and plan for a thousand ranks in seconds.
/// </para>
/// <para>
/// With N ranks and a gathered buffer of M bytes it takes (M / N) max over cuts S of ranks(S) / B(S), and depth of the trees in latencies; algbw is M by that. A
/// reduce-scatter is an allgather backwards in time. Both together are an allreduce, at half the rate.
/// </para>
/// </remarks>
public static class ForestPacking
{
    /// <summary>Plans an allgather at the best rate.</summary>
    /// <exception cref="TopologyException">
    /// Some rank does not reach all others; there is one rank only; a switch has not as much bandwidth in as out; bandwidths have no common measure of a useful size.
    /// </exception>
    public static TreePacking PlanAllGather(LinkGraph graph)
    {
        RootedRate rate = Rate(graph);
        Rational optimum = Optimum(graph, rate);
        return new(PackedCollective.AllGather, PackingMethod.Forest, optimum, Pack(graph, rate), rate.Limit(graph, optimum));
    }

    /// <summary>Plans a reduce-scatter at the best rate: an allgather over the links turned round, turned round.</summary>
    /// <exception cref="TopologyException">As <see cref="PlanAllGather"/>.</exception>
    public static TreePacking PlanReduceScatter(LinkGraph graph) => Turn(PlanAllGather(Turn(graph)));

    /// <summary>The best rate of each root of an allgather.</summary>
    /// <exception cref="TopologyException">As <see cref="PlanAllGather"/>.</exception>
    internal static RootedRate Rate(LinkGraph graph)
    {
        Reachability.RequireAll(graph);
        SwitchRemoval.RequireBalance(graph);
        return RootedRate.Find(graph, ScaledLinks.Of(graph), Roots(graph));
    }

    /// <summary>The rate of the whole allgather, in 10^9 bytes per second.</summary>
    internal static Rational Optimum(LinkGraph graph, RootedRate rate) => rate.Rate * ScaledLinks.Of(graph).Unit * graph.Ranks;

    /// <summary>Trees that reach the rate.</summary>
    internal static ImmutableArray<PackedTree> Pack(LinkGraph graph, RootedRate rate)
    {
        RootDemand[] demands = [.. Roots(graph).Select(root => new RootDemand(root, (long)rate.Rate.Numerator))];
        return RootedPacking.Pack(graph, ScaledLinks.Of(graph), demands, (long)rate.Rate.Denominator);
    }

    /// <summary>The graph with all links turned round.</summary>
    internal static LinkGraph Turn(LinkGraph graph) => new(graph.Name, graph.Nodes, graph.Links.Select(Turn));

    /// <summary>An allgather over links turned round as the reduce-scatter that it is backwards in time.</summary>
    internal static TreePacking Turn(TreePacking gather) => gather with
    {
        Collective = PackedCollective.ReduceScatter,
        Trees = [.. gather.Trees.Select(tree => tree with { Edges = [.. tree.Edges.Select(edge => new TreeEdge(edge.To, edge.From, [.. edge.Path.Reverse()]))] })],
        Cut = gather.Cut with { Parts = [.. gather.Cut.Parts.Reverse()], Links = [.. gather.Cut.Links.Select(Turn)] },
    };

    private static Link Turn(Link link) => link with { From = link.To, To = link.From };

    private static int[] Roots(LinkGraph graph) => [.. Enumerable.Range(0, graph.Ranks)];
}

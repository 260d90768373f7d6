using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>
/// Broadcast over trees that all lead out of one root and share the links: arborescences. It goes as fast as the least cut between the root and any rank lets data
/// through, and trees that reach this always exist (J. Edmonds, Edge-disjoint branchings, 1973).
/// </summary>
/// <remarks>
/// The rate lambda is the least max-flow from the root to a rank (<see cref="RootedRate"/>); the trees have weights that are whole multiples of the links' common
/// measure (<see cref="ExactForest"/>). Pipelined in small chunks, a broadcast of M bytes takes M / lambda and the depth of the trees in latencies, which wins over
/// everything else once M is large. Time to plan: a max-flow per rank, and a few per edge of each tree. This uses neither multiplicative weights nor an integer
/// programme.
/// </remarks>
public static class ArborescencePacking
{
    private const int MostEqualTrees = 16;

    /// <summary>Plans a broadcast at the best rate.</summary>
    /// <param name="graph">The links.</param>
    /// <param name="root">The rank that has the data.</param>
    /// <exception cref="TopologyException">
    /// The root does not exist or does not reach all ranks; there is one rank only; a switch has not as much bandwidth in as out; bandwidths have no common measure of
    /// a useful size.
    /// </exception>
    public static TreePacking Plan(LinkGraph graph, int root)
    {
        Reachability.RequireFrom(graph, root);
        SwitchRemoval.RequireBalance(graph);
        ScaledLinks links = ScaledLinks.Of(graph);
        RootedRate rate = RootedRate.Find(graph, links, [root]);
        Rational optimum = rate.Rate * links.Unit;
        ImmutableArray<PackedTree> trees = RootedPacking.Pack(graph, links, Demands(root, (long)rate.Rate.Numerator), 1);
        return new(PackedCollective.Broadcast, PackingMethod.Arborescences, optimum, trees, rate.Limit(graph, optimum));
    }

    /// <summary>Trees of one unit each where these are few: equal chunks pipeline best. Otherwise as the packing cuts them.</summary>
    private static RootDemand[] Demands(int root, long rate) =>
        rate <= MostEqualTrees ? [.. Enumerable.Repeat(new RootDemand(root, 1), (int)rate)] : [new(root, rate)];
}

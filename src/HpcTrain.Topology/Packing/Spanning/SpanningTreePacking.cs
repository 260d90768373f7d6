using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>
/// Allreduce over undirected spanning trees that share the links: each tree sums its part of the buffer up to its root and sends it down again, so that every link is
/// used both ways. The best rate is tau, the fractional spanning tree packing number, and the plan reaches it.
/// </summary>
/// <remarks>
/// tau comes with the partition of the ranks that limits it (<see cref="StrengthRate"/>), the trees from capacities trimmed to what is needed
/// (<see cref="SpanningTreeDecomposition"/>): at most as many as there are edges, with weights that are fractions. Pipelined in small chunks, an allreduce of M bytes
/// takes M / tau and twice the depth of the trees in latencies. On most parts of a DGX-1 this beats a reduce-scatter and an allgather at their best. Time to plan:
/// max-flows in the number of ranks times edges. This uses neither multiplicative weights nor an integer programme.
/// </remarks>
public static class SpanningTreePacking
{
    /// <summary>Plans an allreduce at the best rate of trees.</summary>
    /// <param name="graph">Links between ranks; of a link whose directions differ, the lesser counts.</param>
    /// <exception cref="TopologyException">
    /// There are switches (plan a reduce-scatter and an allgather); some ranks are not joined by links that go both ways; there is one rank only; bandwidths have no
    /// common measure of a useful size.
    /// </exception>
    public static TreePacking Plan(LinkGraph graph)
    {
        TwoWayLinks links = TwoWayLinks.Of(graph);
        StrengthRate rate = StrengthRate.Find(graph.Ranks, links.Edges, links.Capacities);
        return new(PackedCollective.AllReduce, PackingMethod.SpanningTrees, rate.Rate * links.Unit, Trees(links, rate), links.Limit(rate));
    }

    private static ImmutableArray<PackedTree> Trees(TwoWayLinks links, StrengthRate rate)
    {
        long toll = (long)rate.Rate.Numerator, scale = (long)rate.Rate.Denominator;
        try
        {
            long[] trimmed = SpanningTreeDecomposition.Trim(links.Graph.Ranks, links.Edges, [.. links.Capacities.Select(capacity => checked(capacity * scale))], toll);
            return [.. SpanningTreeDecomposition.Decompose(links.Graph.Ranks, links.Edges, trimmed, toll)
                .Select(tree => links.Root(tree.Tree, tree.Weight * links.Unit / scale))];
        }
        catch (OverflowException e)
        {
            throw new TopologyException($"The trees of topology '{links.Graph.Name}' have weights too fine to count in 64 bits; round its bandwidths, say to 0.1 GB/s.", e);
        }
    }
}

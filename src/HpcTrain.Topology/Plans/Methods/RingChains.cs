using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>NCCL's rings as trees, so that they can be verified, simulated and run beside a plan: each is a chain along a ring.</summary>
/// <remarks>
/// A ring of n ranks and bandwidth B broadcasts along one chain of weight B. Its allreduce is a reduce-scatter and an allgather: of n pieces each goes along n - 1 links to
/// its owner, being summed, and along n - 1 links from there, so that a link carries 2 (n - 1) of n pieces and each chain has the weight B / (2 (n - 1)): together
/// n B / (2 (n - 1)), as <see cref="RingRate"/> says. Equal rings are one, which weighs as much as they together. Where the links between devices have no ring, there is one in the order of the ranks over the host's.
/// </remarks>
internal static class RingChains
{
    /// <summary>The links that the rings go over, and the chains along them.</summary>
    /// <exception cref="TopologyException">The rule does not cover the links or the collective, or there is no ring.</exception>
    public static (LinkSelection Part, ImmutableArray<PlanTree> Trees) Find(LinkGraph graph, PackedCollective collective, int root)
    {
        if (collective is not (PackedCollective.Broadcast or PackedCollective.AllReduce))
            throw new TopologyException("NCCL's rule tells of the rings of a broadcast or an allreduce; take another planner for other collectives.");
        if (graph.Ranks < 2)
            throw new TopologyException($"Topology '{graph.Name}' has one rank; a ring needs at least two.");
        LinkSelection devices = HostLinks.Without(graph, [.. Enumerable.Range(0, graph.Nodes.Length)]);
        if (RingRate.Search(devices.Graph, fallback: 1) is not { } found)
        {
            throw new TopologyException(
                $"NCCL's rule covers the direct links of up to {RingRate.MostRanks} ranks, or one switch that joins all; topology '{graph.Name}' is neither.");
        }

        if (!found.IsFallback)
            return (devices, Chains(devices.Graph, found.Rings, found.RingBandwidth, collective, root));
        if (HostLinks.Only(graph) is not { } host || RingRate.OverHost(graph) is not { } bandwidth)
        {
            throw new TopologyException(
                $"Topology '{graph.Name}' has no ring over its links, and no links of the host (PCIe) that join all ranks, over which NCCL would lead one; add these to the file.");
        }

        return (LinkSelection.All(graph), host.Back(Chains(host.Graph, [[.. Enumerable.Range(0, graph.Ranks)]], bandwidth, collective, root)));
    }

    private static ImmutableArray<PlanTree> Chains(LinkGraph graph, ImmutableArray<ImmutableArray<int>> rings, Rational bandwidth, PackedCollective collective, int root)
    {
        TransitPaths[] paths = [.. Enumerable.Range(0, graph.Ranks).Select(rank => new TransitPaths(graph, rank))];
        int n = graph.Ranks;
        return [.. rings.GroupBy(ring => string.Join(' ', ring)).SelectMany(same =>
        {
            ImmutableArray<int> ring = same.First();
            Rational weight = bandwidth * same.Count();
            ImmutableArray<TreeEdge> hops = [.. ring.Select((rank, i) => paths[rank].To(ring[(i + 1) % n])!)];
            return collective == PackedCollective.Broadcast
                ? [new PlanTree(root, weight, [], Along(hops, ring.IndexOf(root)))]
                : ring.Select((owner, i) => new PlanTree(owner, weight / (2 * (n - 1)), [.. Along(hops, (i + 1) % n).Reverse()], Along(hops, i)));
        })];
    }

    /// <summary>The chain that begins with a hop and leaves out the last one round the ring.</summary>
    private static ImmutableArray<TreeEdge> Along(ImmutableArray<TreeEdge> hops, int first) =>
        [.. Enumerable.Range(0, hops.Length - 1).Select(i => hops[(first + i) % hops.Length])];
}

using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>What a packing of trees carries out.</summary>
public enum PackedCollective
{
    /// <summary>Trees lead from one root to all ranks.</summary>
    Broadcast,

    /// <summary>Each tree carries its share of the sum up to its root and down again: both directions of its links are used.</summary>
    AllReduce,

    /// <summary>Trees lead from every rank to all others, equally much from each.</summary>
    AllGather,

    /// <summary>Trees lead to every rank from all others, equally much to each.</summary>
    ReduceScatter,
}

/// <summary>How a packing was found.</summary>
public enum PackingMethod
{
    /// <summary>Arborescences of one root, as many as the least cut lets through (<see cref="ArborescencePacking"/>).</summary>
    Arborescences,

    /// <summary>Undirected spanning trees, fractional (<see cref="SpanningTreePacking"/>).</summary>
    SpanningTrees,

    /// <summary>Arborescences of all roots at once (<see cref="ForestPacking"/>).</summary>
    Forest,

    /// <summary>As much as a limited number of trees carries (<see cref="FewTrees"/>).</summary>
    FewTrees,

    /// <summary>Multiplicative weights and an integer programme (<see cref="BlinkPacking"/>).</summary>
    Blink,
}

/// <summary>A way from one rank to another, over a link or through switches.</summary>
/// <param name="From">The rank that sends.</param>
/// <param name="To">The rank that receives.</param>
/// <param name="Path">The nodes of the graph on the way, with both ends.</param>
public sealed record TreeEdge(int From, int To, ImmutableArray<int> Path);

/// <summary>A tree over all ranks, and how much it carries.</summary>
/// <param name="Root">The rank where data begin (or, of a reduce-scatter, end).</param>
/// <param name="Weight">The bandwidth that it has of every link on its edges, in 10^9 bytes per second; positive.</param>
/// <param name="Edges">From the root outwards: an edge comes after the one that reaches its nearer end. They point along the data.</param>
public sealed record PackedTree(int Root, Rational Weight, ImmutableArray<TreeEdge> Edges);

/// <summary>Why it does not go faster: sets of ranks and nodes between which too few links lead.</summary>
/// <param name="Parts">The sets: two of a cut, more of a partition. Each in ascending order; transit nodes are in them too.</param>
/// <param name="Links">The links between the sets; of a cut in two, those from the first set to the second.</param>
/// <param name="Bandwidth">What these links let through in 10^9 bytes per second: of a cut their sum, of a partition the sum over pairs of the lesser direction.</param>
/// <param name="Optimum">The rate that this makes the limit: what the packing gives as its optimum.</param>
public sealed record LimitingCut(ImmutableArray<ImmutableArray<int>> Parts, ImmutableArray<Link> Links, Rational Bandwidth, Rational Optimum)
{
    /// <summary>One line: <c>{gpu0, gpu1} | {gpu2}: 50 GB/s over gpu0-gpu2, gpu1-gpu2</c>.</summary>
    /// <param name="graph">The graph that was planned for.</param>
    public string Describe(LinkGraph graph)
    {
        IEnumerable<string> parts = Parts.Select(part => $"{{{string.Join(", ", part.Select(node => graph.Nodes[node].Name))}}}");
        IEnumerable<string> links = Links.Select(link => $"{graph.Nodes[link.From].Name}-{graph.Nodes[link.To].Name}");
        return $"{string.Join(" | ", parts)}: {Bandwidth} GB/s over {string.Join(", ", links)}";
    }
}

/// <summary>A plan: trees that together fit the links.</summary>
/// <param name="Collective">What it carries out.</param>
/// <param name="Method">How it was found.</param>
/// <param name="Optimum">
/// The best rate that any packing of the kind reaches, in 10^9 bytes of the whole buffer per second (algbw): of an allgather or reduce-scatter, the buffer with the
/// parts of all ranks.
/// </param>
/// <param name="Trees">The trees; the rate is the sum of their weights.</param>
/// <param name="Cut">What limits the optimum.</param>
public sealed record TreePacking(PackedCollective Collective, PackingMethod Method, Rational Optimum, ImmutableArray<PackedTree> Trees, LimitingCut Cut)
{
    /// <summary>The rate of the plan, in 10^9 bytes of the whole buffer per second (algbw).</summary>
    public Rational Rate => Trees.Aggregate(Rational.Zero, (sum, tree) => sum + tree.Weight);

    /// <summary>The part of the optimum that the plan reaches, at most 1.</summary>
    public Rational Share => Rate / Optimum;
}

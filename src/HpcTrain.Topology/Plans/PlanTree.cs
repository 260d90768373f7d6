using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>One tree of a plan, up and down: what a share of the buffer does.</summary>
/// <remarks>
/// An allreduce has both directions: up <see cref="In"/> to the root, which then has the sum, and down <see cref="Out"/> from it. Trees that are used in both
/// directions have the reverse of one as the other; a reduce-scatter followed by an allgather need not. A broadcast or allgather has only <see cref="Out"/>, a
/// reduce-scatter only <see cref="In"/>.
/// </remarks>
/// <param name="Root">Where data end on their way up, and begin on their way down.</param>
/// <param name="Weight">The bandwidth that it has of every link on its edges, in 10^9 bytes per second; positive. Its share of the buffer is its part of all weights.</param>
/// <param name="In">Edges towards the root, which point along the data, from the root outwards: an edge comes after the one that its head belongs to. May be empty.</param>
/// <param name="Out">Edges away from the root, from the root outwards. May be empty.</param>
public sealed record PlanTree(int Root, Rational Weight, ImmutableArray<TreeEdge> In, ImmutableArray<TreeEdge> Out);

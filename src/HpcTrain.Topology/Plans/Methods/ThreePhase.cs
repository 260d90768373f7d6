using System.Collections.Immutable;
using System.Numerics;

namespace HpcTrain.Topology;

/// <summary>
/// Allreduce in the three phases of a cluster of boxes (Blink, section 3.5): each box reduces to its local roots, the local roots of a piece exchange it in one hop,
/// and each box broadcasts it.
/// </summary>
/// <remarks>
/// <para>
/// A piece of the buffer has a local root in every box; the pieces are those of all boxes' own plans (<see cref="BoxTree"/>) cut where any of them ends. Of the exchange,
/// each of the b boxes sums 1/b of the piece: its local root is there the root of a tree, into which the others' local roots lead. So all three phases are trees of the
/// plan, a pipeline runs them at the same time, and 2 (b - 1) / b of the buffer leaves and enters each box, however many ranks it has. A reduce-scatter over all ranks
/// has every rank sum equally much: with boxes of 3 and 5 ranks that sends 10/8 out of the larger one, and this 8/8.
/// </para>
/// <para>
/// What all pieces put on the links is counted, and the fullest link gives the rate. Exchanges take shortest paths, which suits networks with one way from box to box.
/// Counting costs (pieces of a box) (boxes) squared.
/// </para>
/// </remarks>
internal sealed class ThreePhase
{
    private readonly LinkGraph _graph;
    private readonly List<Piece> _pieces = [];
    private readonly int _boxes;

    private ThreePhase(LinkGraph graph, IReadOnlyList<ImmutableArray<BoxTree>> boxes)
    {
        (_graph, _boxes) = (graph, boxes.Count);
        var at = new int[_boxes];
        Rational[] left = [.. boxes.Select(box => box[0].Share)];
        for (Rational rest = Rational.One; rest.Sign > 0;)
        {
            Rational share = left.Min();
            _pieces.Add(new(share, [.. boxes.Select((box, i) => box[at[i]])]));
            rest -= share;
            for (int i = 0; i < _boxes && rest.Sign > 0; i++)
            {
                left[i] -= share;
                if (left[i].Sign == 0)
                    left[i] = boxes[i][++at[i]].Share;
            }
        }
    }

    /// <summary>
    /// The method, or null where there is only one box, boxes have one rank each, links do not go both ways alike, or the ranks of a box or the roots of a piece cannot
    /// reach each other.
    /// </summary>
    public static PlanMethod? Find(LinkGraph graph, PlanPlanner planner)
    {
        ILookup<int, int> nodes = Enumerable.Range(0, graph.Nodes.Length).ToLookup(node => graph.Nodes[node].Box);
        int[] boxes = [.. nodes.Where(box => box.Key >= 0 && box.First() < graph.Ranks).Select(box => box.Key)];
        if (boxes.Length < 2 || boxes.Length == graph.Ranks || nodes[-1].Any(node => node < graph.Ranks) || !Symmetry.Has(graph))
            return null;
        var plans = new List<ImmutableArray<BoxTree>>();
        var known = new Dictionary<string, ImmutableArray<BoxTree>>();
        foreach (int box in boxes)
        {
            LinkSelection inside = HostLinks.Usual(graph, [.. nodes[box]]);
            if (!inside.JoinsAll())
                return null;
            if (!known.TryGetValue(inside.Graph.Fingerprint, out ImmutableArray<BoxTree> trees))
                known.Add(inside.Graph.Fingerprint, trees = BoxTree.Of(inside.Graph, planner));
            plans.Add([.. trees.Select(tree => new BoxTree(
                inside.Nodes[tree.Root], tree.Share, [.. tree.In.Select(inside.Back)], [.. tree.Out.Select(inside.Back)]))]);
        }

        var phases = new ThreePhase(graph, plans);
        if (!phases.Exchange())
            return null;
        (LinkLoads loads, Rational unit) = phases.Loads();
        Rational optimum = loads.MostUnit() / unit;
        return new(PlanMethods.ThreePhase, optimum, loads.Limit(optimum), () => phases.Trees(optimum));
    }

    /// <summary>Finds the hops between the local roots of each piece; false if there is none between some.</summary>
    private bool Exchange()
    {
        var hops = new Dictionary<(int From, int To), TreeEdge>();
        foreach (Piece piece in _pieces)
        {
            foreach (BoxTree from in piece.Trees)
            {
                TransitPaths? paths = null;
                for (int box = 0; box < _boxes; box++)
                {
                    int root = piece.Trees[box].Root;
                    if (root == from.Root)
                        continue;
                    if (!hops.TryGetValue((from.Root, root), out TreeEdge? hop))
                    {
                        paths ??= new(_graph, from.Root);
                        if (paths.To(root) is not { } found)
                            return false;
                        hops.Add((from.Root, root), hop = found);
                    }

                    piece.Hops.Add((from.Root, root), hop);
                }
            }
        }

        return true;
    }

    /// <summary>What a whole buffer puts on the links, in a unit that is that part of a buffer.</summary>
    private (LinkLoads Loads, Rational Unit) Loads()
    {
        (Rational unit, BigInteger[] shares) = ScaledLinks.Whole(_pieces.Select(piece => piece.Share / _boxes));
        var loads = new LinkLoads(_graph);
        foreach ((Piece piece, BigInteger share) in _pieces.Zip(shares))
        {
            // Inside, a box's trees serve the roots in all boxes; a hop serves one root on the way up and one on the way down.
            foreach (TreeEdge edge in piece.Trees.SelectMany(tree => tree.In.AsEnumerable().Concat(tree.Out)))
                loads.Add(edge.Path, (Int128)share * _boxes);
            foreach (TreeEdge hop in piece.Hops.Values)
                loads.Add(hop.Path, (Int128)share * 2);
        }

        return (loads, unit);
    }

    private ImmutableArray<PlanTree> Trees(Rational rate) => [.. _pieces.SelectMany(piece => piece.Trees.Select(root =>
    {
        IEnumerable<BoxTree> others = piece.Trees.Where(tree => tree != root);
        return new PlanTree(
            root.Root,
            rate * piece.Share / _boxes,
            [.. others.Select(other => piece.Hops[(other.Root, root.Root)]), .. root.In, .. others.SelectMany(other => other.In)],
            [.. others.Select(other => piece.Hops[(root.Root, other.Root)]), .. root.Out, .. others.SelectMany(other => other.Out)]);
    }))];

    /// <summary>A part of the buffer, with its tree in each box and the hops between their roots.</summary>
    private sealed record Piece(Rational Share, ImmutableArray<BoxTree> Trees)
    {
        public Dictionary<(int From, int To), TreeEdge> Hops { get; } = [];
    }
}

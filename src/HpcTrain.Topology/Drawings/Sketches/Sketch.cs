using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>A node as drawn: one of the graph, or several.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Title">What stands in it.</param>
/// <param name="Detail">A second line, as of the ranks at a switch; may be empty.</param>
/// <param name="Box">The machine that it is in; -1 outside.</param>
/// <param name="Members">The nodes of the graph that it stands for.</param>
/// <param name="HoldsRanks">Whether data begin and end in it.</param>
internal sealed record SketchNode(NodeKind Kind, string Title, string Detail, int Box, int[] Members, bool HoldsRanks)
{
    public const double TitleSize = 13, DetailSize = 11;

    public double Width => Math.Max(44, 18 + Math.Max(
        TextMeasure.Width(Title, new(TitleSize, Weight: TextWeight.Bold)), TextMeasure.Width(Detail, new(DetailSize))));

    public double Height => Detail.Length == 0 ? 30 : 46;
}

/// <summary>A line as drawn: two links that are alike there and back, one link, or as many as <paramref name="Count"/> says.</summary>
/// <param name="A">The node where it begins.</param>
/// <param name="B">The node where it ends.</param>
/// <param name="Bandwidth">Of one link and direction.</param>
/// <param name="Name">What it is made of.</param>
/// <param name="IsOneWay">Whether it leads from A to B only.</param>
/// <param name="Count">The number of links, or pairs of links.</param>
internal sealed record SketchLink(int A, int B, Rational Bandwidth, string Name, bool IsOneWay, int Count);

/// <summary>What is drawn of a graph, before anything has its place.</summary>
internal sealed class Sketch
{
    private readonly SortedSet<int>[] _neighbours;

    public Sketch(IReadOnlyList<SketchNode> nodes, IReadOnlyList<SketchLink> links, bool isSummary = false)
    {
        (Nodes, Links, IsSummary) = (nodes, links, isSummary);
        _neighbours = [.. nodes.Select(_ => new SortedSet<int>())];
        foreach (SketchLink link in links)
        {
            _neighbours[link.A].Add(link.B);
            _neighbours[link.B].Add(link.A);
        }
    }

    public IReadOnlyList<SketchNode> Nodes { get; }

    public IReadOnlyList<SketchLink> Links { get; }

    /// <summary>Whether a node may stand for several.</summary>
    public bool IsSummary { get; }

    public int Count => Nodes.Count;

    /// <summary>The number of pairs of nodes with a link.</summary>
    public int Pairs => _neighbours.Sum(set => set.Count) / 2;

    public double WidestNode => Nodes.Max(node => node.Width);

    public double HighestNode => Nodes.Max(node => node.Height);

    public IReadOnlyCollection<int> Neighbours(int node) => _neighbours[node];

    public bool AreLinked(int a, int b) => _neighbours[a].Contains(b);

    /// <summary>Some of the nodes, renumbered in their order, and the lines among them.</summary>
    public Sketch Part(IReadOnlyList<int> nodes)
    {
        Dictionary<int, int> numbers = nodes.Index().ToDictionary(node => node.Item, node => node.Index);
        return new(
            [.. nodes.Select(node => Nodes[node])],
            [.. Links.Where(link => numbers.ContainsKey(link.A) && numbers.ContainsKey(link.B)).Select(link => link with { A = numbers[link.A], B = numbers[link.B] })],
            IsSummary);
    }

    /// <summary>Numbers of nodes by which of the pieces they are in that the kept links hold together, each in ascending order.</summary>
    public int[][] Pieces(Func<int, int, bool> keeps)
    {
        var piece = Enumerable.Repeat(-1, Count).ToArray();
        int pieces = 0;
        for (int start = 0; start < Count; start++)
        {
            if (piece[start] >= 0)
                continue;
            var open = new Stack<int>([start]);
            piece[start] = pieces;
            while (open.TryPop(out int node))
            {
                foreach (int next in Neighbours(node).Where(next => piece[next] < 0 && keeps(node, next)))
                {
                    piece[next] = pieces;
                    open.Push(next);
                }
            }

            pieces++;
        }

        return [.. Enumerable.Range(0, Count).GroupBy(node => piece[node]).OrderBy(group => group.Key).Select(group => group.ToArray())];
    }
}

using System.Collections.Immutable;

namespace HpcTrain.Collectives;

/// <summary>Which ranks share a node. Nodes are numbered in the order of their first ranks.</summary>
public sealed class NodeMap
{
    private readonly int[] _nodeOf;
    private readonly int[] _localRankOf;

    /// <summary>Makes the map from a node's name or number for each rank; ranks with equal ones share a node.</summary>
    /// <exception cref="ScheduleException">There is no rank.</exception>
    public NodeMap(IReadOnlyList<int> nodeOfRank)
    {
        if (nodeOfRank.Count == 0)
            throw new ScheduleException("A node map needs at least one rank.");
        _nodeOf = new int[nodeOfRank.Count];
        _localRankOf = new int[nodeOfRank.Count];
        var numbers = new Dictionary<int, int>();
        var members = new List<List<int>>();
        for (int rank = 0; rank < nodeOfRank.Count; rank++)
        {
            if (!numbers.TryGetValue(nodeOfRank[rank], out int node))
            {
                numbers.Add(nodeOfRank[rank], node = members.Count);
                members.Add([]);
            }

            _nodeOf[rank] = node;
            _localRankOf[rank] = members[node].Count;
            members[node].Add(rank);
        }

        Members = [.. members.Select(ranks => ranks.ToImmutableArray())];
        RanksPerNode = Members.All(ranks => ranks.Length == Members[0].Length) ? Members[0].Length : 0;
        IsInOrder = !_nodeOf.Where((node, rank) => rank > 0 && node < _nodeOf[rank - 1]).Any();
    }

    /// <summary>The ranks of each node, in ascending order.</summary>
    public ImmutableArray<ImmutableArray<int>> Members { get; }

    /// <summary>The number of ranks.</summary>
    public int Ranks => _nodeOf.Length;

    /// <summary>The number of nodes.</summary>
    public int Nodes => Members.Length;

    /// <summary>The ranks per node when all nodes have the same number; otherwise 0.</summary>
    public int RanksPerNode { get; }

    /// <summary>Whether the ranks of each node are neighbours.</summary>
    public bool IsInOrder { get; }

    /// <summary>The rank's node.</summary>
    public int NodeOf(int rank) => _nodeOf[rank];

    /// <summary>The rank's position among the ranks of its node.</summary>
    public int LocalRankOf(int rank) => _localRankOf[rank];

    /// <summary>All ranks on one node.</summary>
    public static NodeMap Single(int ranks) => new(new int[ranks]);

    /// <summary>Nodes of <paramref name="perNode"/> neighbouring ranks each; the last may have fewer.</summary>
    public static NodeMap Blocks(int ranks, int perNode)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perNode, 1);
        return new([.. Enumerable.Range(0, ranks).Select(rank => rank / perNode)]);
    }

    /// <summary>
    /// Reads a map from text: <c>2x4</c> (2 nodes of 4 ranks), <c>4,4,2</c> (ranks per node, nodes one after the other), or <c>/0,0,1,1</c> (the node of each rank).
    /// </summary>
    /// <exception cref="ScheduleException">It is none of these, or does not add up to <paramref name="ranks"/>.</exception>
    public static NodeMap Parse(string text, int ranks)
    {
        NodeMap map = TryRead(text) ?? throw new ScheduleException(
            $"'{text}' is not a node map; write 2x4 (2 nodes of 4 ranks), 4,4,2 (ranks per node) or /0,0,1,1 (the node of each rank).");
        return map.Ranks == ranks
            ? map
            : throw new ScheduleException($"The node map '{text}' has {map.Ranks} ranks, but there are {ranks}.");
    }

    /// <summary><c>2x4</c> when the nodes are equal and in order, else the node of each rank.</summary>
    public override string ToString()
    {
        if (!IsInOrder)
            return "/" + string.Join(',', _nodeOf);
        return RanksPerNode > 0 ? $"{Nodes}x{RanksPerNode}" : string.Join(',', Members.Select(ranks => ranks.Length));
    }

    private static NodeMap? TryRead(string text)
    {
        const int MostRanks = 1 << 24;
        string plain = text.Trim();
        bool perRank = plain.StartsWith('/');
        char separator = plain.Contains('x', StringComparison.Ordinal) ? 'x' : ',';
        var numbers = new List<int>();
        foreach (string part in plain.TrimStart('/').Split(separator))
        {
            if (!int.TryParse(part, out int number) || number < 0 || number > MostRanks)
                return null;
            numbers.Add(number);
        }

        if (perRank)
            return separator == ',' ? new(numbers) : null;
        if (numbers.Contains(0))
            return null;
        if (separator == 'x')
            return numbers.Count == 2 && (long)numbers[0] * numbers[1] <= MostRanks ? Blocks(numbers[0] * numbers[1], numbers[1]) : null;
        return new([.. numbers.SelectMany((count, node) => Enumerable.Repeat(node, count))]);
    }
}

namespace HpcTrain.Collectives;

/// <summary>How an <see cref="InProcessFabric"/> behaves.</summary>
public sealed record InProcessOptions
{
    /// <summary>
    /// When set, a seed for mischief: completed messages are reported late and in changing order, and threads give way at random. Whatever a
    /// transport may do within its contract then happens often.
    /// </summary>
    public int? MischiefSeed { get; init; }

    /// <summary>
    /// Whether the ranks see each other's memory, as the processes of a node do: then short and long messages may travel through it. Off by default, so that every
    /// algorithm's messages are really sent.
    /// </summary>
    public bool IsOneNode { get; init; }

    /// <summary>Which ranks share a node, and so its memory; null: as <see cref="IsOneNode"/> says.</summary>
    public NodeMap? Nodes { get; init; }

    /// <summary>With <see cref="IsOneNode"/> or <see cref="Nodes"/>: whether all memory is visible, rather than only what the communicators allocate.</summary>
    public bool SeesAllMemory { get; init; }
}

/// <summary>
/// Ranks as threads of one process, for tests and for measuring the executor alone. It is a true rendezvous: a message is copied once, from
/// the sender's memory to the receiver's, when both sides have posted it; nothing is ever buffered.
/// </summary>
public sealed class InProcessFabric
{
    private readonly InProcessTransport[] _transports;

    /// <summary>Creates the transports of all ranks.</summary>
    public InProcessFabric(int ranks, InProcessOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        _transports = new InProcessTransport[ranks];
        NodeMap? nodes = options?.Nodes ?? (options is { IsOneNode: true } ? NodeMap.Single(ranks) : null);
        if (nodes != null && nodes.Ranks != ranks)
            throw new ScheduleException($"The node map has {nodes.Ranks} ranks, but there are {ranks}.");
        Node.InProcessNode[] memories = nodes == null ? [] : [.. nodes.Members.Select(members => new Node.InProcessNode(members.Length, options!.SeesAllMemory))];
        InProcessFabric[] rails = nodes is { Nodes: > 1, RanksPerNode: > 1 }
            ? [.. Enumerable.Range(0, nodes.RanksPerNode).Select(_ => new InProcessFabric(nodes.Nodes, options! with { Nodes = null, IsOneNode = false }))] : [];
        for (int rank = 0; rank < ranks; rank++)
        {
            Node.InProcessNodeMemory? memory = nodes == null ? null : new(memories[nodes.NodeOf(rank)], nodes.LocalRankOf(rank));
            InProcessTransport? rail = rails.Length == 0 ? null : rails[nodes!.LocalRankOf(rank)]._transports[nodes.NodeOf(rank)];
            _transports[rank] = new(_transports, rank, options?.MischiefSeed, nodes, memory, rail);
        }
    }

    /// <summary>The number of ranks.</summary>
    public int Ranks => _transports.Length;

    /// <summary>The transport of a rank; to be used by that rank's thread.</summary>
    public Transport this[int rank] => _transports[rank];
}

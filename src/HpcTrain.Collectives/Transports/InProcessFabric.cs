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

    /// <summary>With <see cref="IsOneNode"/>: whether all memory is visible, rather than only what the communicators allocate.</summary>
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
        Node.InProcessNode? node = options is { IsOneNode: true } ? new(ranks, options.SeesAllMemory) : null;
        for (int rank = 0; rank < ranks; rank++)
            _transports[rank] = new(_transports, rank, options?.MischiefSeed, node);
    }

    /// <summary>The number of ranks.</summary>
    public int Ranks => _transports.Length;

    /// <summary>The transport of a rank; to be used by that rank's thread.</summary>
    public Transport this[int rank] => _transports[rank];
}

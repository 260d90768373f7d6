namespace HpcTrain.Collectives;

/// <summary>How an <see cref="InProcessFabric"/> behaves.</summary>
public sealed record InProcessOptions
{
    /// <summary>
    /// When set, a seed for mischief: completed messages are reported late and in changing order, and threads give way at random. Whatever a
    /// transport may do within its contract then happens often.
    /// </summary>
    public int? MischiefSeed { get; init; }
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
        for (int rank = 0; rank < ranks; rank++)
            _transports[rank] = new(_transports, rank, options?.MischiefSeed);
    }

    /// <summary>The number of ranks.</summary>
    public int Ranks => _transports.Length;

    /// <summary>The transport of a rank; to be used by that rank's thread.</summary>
    public Transport this[int rank] => _transports[rank];
}

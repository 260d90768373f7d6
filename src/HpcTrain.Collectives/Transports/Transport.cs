namespace HpcTrain.Collectives;

/// <summary>
/// How a rank's messages reach its peers: the small face that a <see cref="ScheduleExecutor"/> needs. One rank's transport is used by
/// one thread at a time.
/// </summary>
/// <remarks>
/// Messages from one rank to another with one tag arrive in the order in which they were posted. Nothing else is promised: a
/// send may well be complete only when its receive has been posted. The memory of a message belongs to the transport until
/// <see cref="Test"/> says that it is done.
/// </remarks>
public abstract unsafe class Transport : IDisposable
{
    /// <summary>What it is called in results and messages, for example <c>mpi</c>.</summary>
    public abstract string Name { get; }

    /// <summary>This rank.</summary>
    public abstract int Rank { get; }

    /// <summary>The number of ranks.</summary>
    public abstract int Size { get; }

    /// <summary>The largest tag; tags start at 0.</summary>
    public abstract int MaxTag { get; }

    /// <summary>
    /// The memory that this rank shares with its neighbours on the node, owned by the transport; null when there is none. Ranks of a node are numbered as in
    /// <see cref="NodeRanks"/>.
    /// </summary>
    internal virtual Node.NodeMemory? NodeMemory => null;

    /// <summary>The ranks on this rank's node, itself included.</summary>
    public virtual IReadOnlyList<int> NodeRanks => [Rank];

    /// <summary>Which ranks share a node, as far as the transport knows; null when it does not.</summary>
    public virtual NodeMap? Nodes => null;

    /// <summary>
    /// Makes a transport of the ranks with this rank's position on their nodes, numbered in the order of nodes, to be owned by the caller. A collective
    /// call; nodes have equally many ranks.
    /// </summary>
    internal virtual Transport MakeRail() => throw new NotSupportedException($"Transport '{Name}' knows no nodes.");

    /// <summary>Whether each rank has a core to itself, so that a rank that waits may look again before it gives way.</summary>
    public virtual bool HasOwnCores => Size <= Environment.ProcessorCount;

    /// <summary>Whether messages may be read from and written to memory of CUDA devices.</summary>
    public virtual bool TakesCudaMemory => false;

    /// <summary>
    /// Makes room for that many more messages under way at a time, so that posting them allocates nothing; a negative number gives room back.
    /// </summary>
    public abstract void Reserve(int messages);

    /// <summary>Starts to send <paramref name="bytes"/> bytes to <paramref name="peer"/>.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="bytes">Their number.</param>
    /// <param name="peer">The receiver.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="isStreamed">
    /// Whether it is part of more messages than the sender keeps under way at a time. It should then not count as done before its receiver has begun to take it, so that
    /// what is under way is bounded.
    /// </param>
    /// <returns>A ticket for <see cref="Test"/>.</returns>
    public abstract int PostSend(void* data, long bytes, int peer, int tag, bool isStreamed = false);

    /// <summary>Starts to receive exactly <paramref name="bytes"/> bytes from <paramref name="peer"/>.</summary>
    /// <returns>A ticket for <see cref="Test"/>.</returns>
    public abstract int PostReceive(void* data, long bytes, int peer, int tag);

    /// <summary>Whether the message is done. Once it is, the ticket is no longer valid.</summary>
    /// <exception cref="ScheduleException">
    /// The message had another length than the receive: the ranks do not run the same operation. The ticket is still to be cancelled.
    /// </exception>
    public abstract bool Test(int ticket);

    /// <summary>
    /// Withdraws a message if that is still possible, so that its memory will not be touched any more. The ticket is no longer valid.
    /// </summary>
    /// <returns>True when the memory is free; false when a peer may still write or read it at any time.</returns>
    public abstract bool Cancel(int ticket);

    /// <summary>
    /// Sends a message beside those of <see cref="PostSend"/>, for diagnostics: it never waits, and nobody knows whether it arrives. Does nothing where a
    /// transport has no such way.
    /// </summary>
    internal virtual void SendAside(int peer, byte[] message)
    {
    }

    /// <summary>Takes a message that was sent aside, if there is one.</summary>
    internal virtual bool TryReceiveAside(out int from, out byte[] message)
    {
        (from, message) = (-1, []);
        return false;
    }

    /// <summary>From now on the ranks may be out of step: what is freed together is freed only if all come to it soon.</summary>
    internal virtual void Fail()
    {
    }

    /// <summary>What a rank's process does, in words; empty where that cannot be seen from here.</summary>
    internal virtual string ProcessOf(int rank) => "";

    /// <summary>Releases what the transport holds. Messages under way must be done or cancelled.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the transport holds.</summary>
    /// <param name="disposing">True unless called by a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>The error for a message of the wrong length.</summary>
    protected ScheduleException WrongLength(int peer, long expected, string found) =>
        new($"Rank {Rank} expected {expected} bytes from rank {peer} but {found}: all ranks must call the same collectives in the same order with the same count, type and options.",
            Rank, null, null);
}

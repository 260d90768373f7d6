namespace HpcTrain.Collectives.Algorithms;

/// <summary>
/// Two lanes in one direction, for runs of blocks that may go round the end: what lies before the end travels on one channel, the rest on the other.
/// </summary>
internal sealed class CircularLanes(ProgramWriter program, int blocks)
{
    private LaneWriter? _upToEnd;
    private LaneWriter? _fromStart;

    private LaneWriter UpToEnd => _upToEnd ??= program.Lane(channel: 0);

    private LaneWriter FromStart => _fromStart ??= program.Lane(channel: 1);

    /// <summary>Sends <paramref name="count"/> blocks from block <paramref name="first"/> on.</summary>
    public void Send(int peer, int first, int count)
    {
        int before = Math.Min(count, blocks - first);
        UpToEnd.Send(peer, new(first, before));
        if (count > before)
            FromStart.Send(peer, new(0, count - before));
    }

    /// <summary>Receives <paramref name="count"/> blocks from block <paramref name="first"/> on.</summary>
    public void Recv(int peer, int first, int count)
    {
        int before = Math.Min(count, blocks - first);
        UpToEnd.Recv(peer, new(first, before));
        if (count > before)
            FromStart.Recv(peer, new(0, count - before));
    }
}

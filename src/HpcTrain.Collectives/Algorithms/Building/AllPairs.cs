namespace HpcTrain.Collectives.Algorithms;

/// <summary>A rank's lanes to and from every other rank.</summary>
internal sealed class AllPairs
{
    // Each of the other ranks needs a scratch buffer.
    private const int MostRanks = byte.MaxValue + 1;

    private static readonly string s_tooMany = $"it receives from all ranks side by side, which goes up to {MostRanks} ranks";

    private readonly ProgramWriter _program;
    private readonly int _rank;
    private readonly int _ranks;
    private readonly LaneWriter[] _to;
    private readonly LaneWriter[] _from;

    public AllPairs(ProgramWriter program, int rank, int ranks)
    {
        (_program, _rank, _ranks) = (program, rank, ranks);
        _to = new LaneWriter[ranks];
        _from = new LaneWriter[ranks];
        foreach (int peer in Others)
            (_to[peer], _from[peer]) = (program.Lane(), program.Lane());
    }

    /// <summary>All ranks but this one, in order.</summary>
    public IEnumerable<int> Others
    {
        get
        {
            for (int peer = 0; peer < _ranks; peer++)
            {
                if (peer != _rank)
                    yield return peer;
            }
        }
    }

    /// <summary>Why a request has too many ranks to receive from all of them in scratch buffers, or null.</summary>
    public static string? TooMany(ScheduleSpec spec) => spec.Ranks > MostRanks ? s_tooMany : null;

    /// <summary>The scratch buffer for what comes from a peer.</summary>
    public BufferId ScratchOf(int peer) => BufferId.Scratch(peer < _rank ? peer + 1 : peer);

    /// <summary>Sends each rank its block, and reduces the own block: the own contribution first, then those of the others in the order of ranks.</summary>
    public void ReduceScatter()
    {
        foreach (int peer in Others)
        {
            _to[peer].Send(peer, peer);
            _from[peer].Recv(peer, _rank, ScratchOf(peer));
        }

        LaneWriter fold = _program.Lane();
        foreach (int peer in Others)
            fold.Reduce(ScratchOf(peer), BufferId.Data, _rank);
    }

    /// <summary>Sends the own block to all ranks, and receives theirs.</summary>
    public void AllGather() => Exchange(_rank, peer => peer);

    /// <summary>Sends the same chunk to all ranks, and receives one from each: into data, or into the peer's scratch buffer.</summary>
    public void Exchange(ChunkRange own, Func<int, ChunkRange> theirs, bool toScratch = false)
    {
        foreach (int peer in Others)
        {
            _to[peer].Send(peer, own);
            _from[peer].Recv(peer, theirs(peer), toScratch ? ScratchOf(peer) : BufferId.Data);
        }
    }
}

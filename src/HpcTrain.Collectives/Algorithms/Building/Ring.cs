namespace HpcTrain.Collectives.Algorithms;

/// <summary>A rank's place in a ring: everything comes from the previous rank and goes to the next.</summary>
internal sealed class Ring
{
    private readonly LaneWriter _toNext;
    private readonly LaneWriter _fromPrevious;
    private readonly int _rank;
    private readonly int _ranks;
    private readonly int _direction;
    private readonly int _next;
    private readonly int _previous;

    /// <summary>Opens a lane in each direction.</summary>
    /// <param name="program">The rank's program.</param>
    /// <param name="rank">The rank, or its position in the ring.</param>
    /// <param name="ranks">The number of ranks; at least 2.</param>
    /// <param name="direction">1 when the next rank has the next number, -1 for the other way round.</param>
    /// <param name="channel">The channel of the messages.</param>
    /// <param name="rankAt">The rank at a position; by default they are the same.</param>
    public Ring(ProgramWriter program, int rank, int ranks, int direction = 1, int channel = 0, Func<int, int>? rankAt = null)
    {
        (_rank, _ranks, _direction) = (rank, ranks, direction);
        _next = rankAt?.Invoke(At(1)) ?? At(1);
        _previous = rankAt?.Invoke(At(-1)) ?? At(-1);
        _toNext = program.Lane(channel);
        _fromPrevious = program.Lane(channel);
    }

    /// <summary>
    /// Block b starts its way at the rank after b and is reduced at each rank that it comes to, last at rank b. A rank sends in one step what it
    /// has received in the step before.
    /// </summary>
    public void ReduceScatter(Func<int, ChunkRange> block)
    {
        for (int step = 0; step < _ranks - 1; step++)
        {
            _toNext.Send(_next, block(At(-1 - step)));
            _fromPrevious.RecvReduce(_previous, block(At(-2 - step)));
        }
    }

    /// <summary>Block b starts at rank b and goes round until all have it.</summary>
    /// <param name="block">The chunks of a block.</param>
    /// <param name="has">Whether a rank has a block from the start, besides its own, and need not be sent it.</param>
    public void AllGather(Func<int, ChunkRange> block, Func<int, int, bool>? has = null)
    {
        for (int step = 0; step < _ranks - 1; step++)
        {
            if (has?.Invoke(At(1), At(-step)) != true)
                _toNext.Send(_next, block(At(-step)));
            if (has?.Invoke(At(0), At(-1 - step)) != true)
                _fromPrevious.Recv(_previous, block(At(-1 - step)));
        }
    }

    private int At(int offset) => (_rank + (_direction * offset) + (2 * _ranks)) % _ranks;
}

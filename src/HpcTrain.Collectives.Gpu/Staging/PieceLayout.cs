using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Gpu.Staging;

/// <summary>A run of elements in the caller's memory and in a piece's.</summary>
/// <param name="Whole">The first one's position in the caller's source or destination, in elements.</param>
/// <param name="Piece">Its position in the piece's.</param>
/// <param name="Length">The number of elements; at least 1.</param>
internal readonly record struct PieceRun(long Whole, long Piece, long Length);

/// <summary>How a call is cut into pieces, each a call of the host.</summary>
internal sealed class PieceLayout
{
    // Idea. The order in which a reduction adds depends on the chunk that an element lies in, so a piece that were simply the next stretch of the
    // buffer would give other bits than the whole. Instead piece k takes the k-th slice of every chunk, as long as the chunk's weight times a unit that
    // is the same for all: so the piece is cut into its chunks exactly where the slices meet. Chunks differ by an element or a cache line, so the last
    // slices of some are short; the rest of their room travels as it is, and nobody looks at it.
    // What only moves, or what the node's engine reduces in the order of ranks wherever an element lies, is cut by blocks, or anywhere.
    // A call that fits into one piece is that piece.
    private const int UnitElements = 64;
    private const int LineBytes = 64;

    private readonly CollectiveCall _call;
    private readonly int _rank;
    private readonly int _ranks;
    private readonly long[] _starts;
    private readonly long[] _weights;
    private readonly bool _isPadded;
    private readonly long _unit;
    private readonly int _size;

    /// <summary>Cuts a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="schedule">What the host runs for the whole call; null when the node's engine does it.</param>
    /// <param name="partialType">The type in which partial results travel.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="pieceBytes">The longest piece, its contribution and result together.</param>
    /// <exception cref="ScheduleException">A piece cannot hold a slice of every chunk.</exception>
    public PieceLayout(in CollectiveCall call, Schedule? schedule, ElementType partialType, int rank, int ranks, long pieceBytes)
    {
        (_call, _rank, _ranks, _size) = (call, rank, ranks, call.Type.SizeInBytes());
        long whole = call.Collective.HasOwners() ? checked(call.Count * ranks) : call.Count;
        if (BytesOf(call.Count) <= pieceBytes)
        {
            (_starts, _weights, _unit) = ([0, whole], [1], whole);
            return;
        }

        (_starts, _weights) = call.Collective.Reduces() && schedule != null ? ChunksOf(schedule, whole, partialType) : Blocks(whole);
        _isPadded = call.Collective.Reduces() && schedule != null;
        _unit = LongestUnit(pieceBytes);
        for (int c = 0; c < _weights.Length; c++)
            Pieces = Math.Max(Pieces, (int)Math.Min(int.MaxValue, (Length(c) + Slice(c) - 1) / Slice(c)));
    }

    /// <summary>The number of pieces.</summary>
    public int Pieces { get; } = 1;

    /// <summary>Whether a piece's result overwrites its contribution.</summary>
    public bool IsInPlace => !_call.Collective.HasOwners();

    /// <summary>The count of the piece's call.</summary>
    public long Count(int piece) => _weights.Sum() * Unit(piece) / (_call.Collective.HasOwners() ? _ranks : 1);

    /// <summary>Where the result begins in a piece's memory, in bytes.</summary>
    public long OutputOffset(int piece) => IsInPlace ? 0 : Lined(PieceRanges(piece).Input.Length * _size);

    /// <summary>The runs of this rank's contribution that a piece takes.</summary>
    public void Inputs(int piece, List<PieceRun> runs) => Collect(piece, _call.Ranges(_rank, _ranks).Input, PieceRanges(piece).Input, runs);

    /// <summary>The runs of this rank's result that a piece gives.</summary>
    public void Outputs(int piece, List<PieceRun> runs) => Collect(piece, _call.Ranges(_rank, _ranks).Output, PieceRanges(piece).Output, runs);

    private long Length(int chunk) => _starts[chunk + 1] - _starts[chunk];

    private long Slice(int chunk) => _weights[chunk] * _unit;

    /// <summary>The unit of a piece: blocks are equally long, so the last piece of blocks may be shorter than the others.</summary>
    private long Unit(int piece) => _isPadded ? _unit : Math.Min(_unit, Length(0) - (piece * _unit));

    private CallRanges PieceRanges(int piece) =>
        new CollectiveCall { Collective = _call.Collective, Count = Count(piece), Root = _call.Root }.Ranges(_rank, _ranks);

    private void Collect(int piece, (long Start, long Length) whole, (long Start, long Length) part, List<PieceRun> runs)
    {
        runs.Clear();
        long unit = Unit(piece), place = 0;
        for (int c = 0; c < _weights.Length; c++)
        {
            long room = _weights[c] * unit;
            long from = _starts[c] + (piece * Slice(c)), to = Math.Min(from + room, _starts[c + 1]);
            long first = Math.Max(from, whole.Start), end = Math.Min(to, whole.Start + whole.Length);
            if (first < end)
                runs.Add(new(first - whole.Start, place + (first - from) - part.Start, end - first));
            place += room;
        }
    }

    private (long[] Starts, long[] Weights) Blocks(long whole)
    {
        int blocks = _call.Collective.HasOwners() ? _ranks : 1;
        return ([.. Enumerable.Range(0, blocks + 1).Select(b => whole / blocks * b)], [.. Enumerable.Repeat(1L, blocks)]);
    }

    private static (long[] Starts, long[] Weights) ChunksOf(Schedule schedule, long whole, ElementType partialType)
    {
        var partition = new ChunkPartition(schedule.Chunks, whole, partialType.SizeInBytes());
        return ([.. Enumerable.Range(0, schedule.Chunks.Length).Select(c => partition.Start(c)), whole], [.. schedule.Chunks.Select(chunk => chunk.Weight)]);
    }

    private long LongestUnit(long pieceBytes)
    {
        // Units of whole cache lines: a schedule's chunks lie on them in the whole call, too, and others are copied faster.
        long count = checked(_weights.Sum() * UnitElements) / (_call.Collective.HasOwners() ? _ranks : 1);
        long most = (pieceBytes - LineBytes) / (BytesOf(count) - LineBytes);
        if (most > 0)
            return most * UnitElements;
        throw new ScheduleException(
            $"A staged piece of {pieceBytes} bytes does not hold a slice of each of the {_weights.Length} chunks of {_call.Collective.Name()}; "
            + $"set {nameof(DeviceOptions)}.{nameof(DeviceOptions.PieceBytes)} to {BytesOf(count)} or more on all ranks.");
    }

    /// <summary>The most that a rank's contribution and result take together in a call of that count: the same on all ranks.</summary>
    private long BytesOf(long count)
    {
        Int128 bytes = (Int128)count * _size;
        Int128 all = _call.Collective switch
        {
            CollectiveKind.AllReduce or CollectiveKind.Reduce or CollectiveKind.Broadcast => bytes,
            CollectiveKind.AllToAll => 2 * bytes * _ranks,
            _ => bytes * (_ranks + 1),
        };
        return (long)Int128.Min(all + LineBytes, long.MaxValue);
    }

    private static long Lined(long bytes) => (bytes + LineBytes - 1) / LineBytes * LineBytes;
}

using System.Collections.Immutable;

namespace HpcTrain.Collectives.Msccl;

/// <summary>Where the chunks of a schedule lie in the buffers of one GPU.</summary>
internal sealed class MscclExportPlaces
{
    private readonly Schedule _schedule;
    private readonly int _rank;
    private readonly ImmutableArray<int> _starts;
    private readonly Dictionary<(BufferId Buffer, int Chunk), int> _scratch = [];

    /// <param name="schedule">The schedule.</param>
    /// <param name="rank">The GPU.</param>
    /// <param name="program">Its program.</param>
    /// <param name="starts">Where chunks begin, in chunks of equal length.</param>
    public MscclExportPlaces(Schedule schedule, int rank, RankProgram program, ImmutableArray<int> starts)
    {
        _schedule = schedule;
        _rank = rank;
        _starts = starts;
        var touched = new SortedSet<(byte Buffer, int Chunk)>();
        foreach (Instruction instruction in program.Lanes.SelectMany(lane => lane.Instructions))
        {
            for (int c = instruction.Chunks.First; c < instruction.Chunks.End; c++)
            {
                touched.Add((instruction.Buffer.Index, c));
                if (!instruction.Operation.IsTransfer())
                    touched.Add((instruction.Source.Index, c));
            }
        }

        foreach ((byte buffer, int chunk) in touched)
        {
            if (buffer == BufferId.Data.Index)
                continue;
            _scratch.Add((new(buffer), chunk), ScratchChunks);
            ScratchChunks += Length(chunk);
        }
    }

    /// <summary>The chunks of scratch that the GPU needs.</summary>
    public int ScratchChunks { get; }

    /// <summary>How many chunks of equal length the chunks have together.</summary>
    public int Length(ChunkRange chunks) => _starts[chunks.End] - _starts[chunks.First];

    /// <summary>The runs of chunks that lie side by side in every buffer.</summary>
    public IEnumerable<ChunkRange> Runs(ChunkRange chunks) => _schedule.Collective == CollectiveKind.AllToAll
        ? Enumerable.Range(chunks.First, chunks.Count).Select(chunk => new ChunkRange(chunk))
        : [chunks];

    /// <summary>The first place of a run of chunks.</summary>
    /// <param name="buffer">The buffer in the schedule.</param>
    /// <param name="chunk">The first chunk.</param>
    /// <param name="writes">Whether it is written; what an all-to-all's rank sends to itself is read in its input and written in its output.</param>
    public MscclPlace Of(BufferId buffer, int chunk, bool writes)
    {
        if (buffer != BufferId.Data)
            return new(MscclBuffer.Scratch, _scratch[(buffer, chunk)]);
        if (_schedule.Collective != CollectiveKind.AllToAll)
            return new(_schedule.Collective is CollectiveKind.AllGather or CollectiveKind.Gather ? MscclBuffer.Output : MscclBuffer.Input, _starts[chunk]);

        int perRank = _starts[^1] / _schedule.Ranks, perPair = perRank / _schedule.Ranks, start = _starts[chunk];
        Chunk owned = _schedule.Chunks[chunk];
        return owned.Owner == _rank && !(writes && owned.Target == _rank)
            ? new(MscclBuffer.Input, start - (_rank * perRank))
            : new(MscclBuffer.Output, (owned.Owner * perPair) + (start - (owned.Owner * perRank) - (_rank * perPair)));
    }
}

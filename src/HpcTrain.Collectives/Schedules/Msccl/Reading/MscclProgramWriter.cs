namespace HpcTrain.Collectives.Msccl;

/// <summary>Writes the program of one rank for the steps of its GPU.</summary>
internal sealed class MscclProgramWriter
{
    private readonly MscclPlacement[] _placements;
    private readonly MscclPlacement _placement;
    private readonly IReadOnlyList<MscclBlock> _blocks;
    private readonly ProgramBuilder _program = new();
    private readonly Dictionary<(int Block, bool Sends), OpenLane> _lanes = [];
    private readonly int _mostLanes;

    // Instructions in the order in which they are written, with the vector clocks that tell which dependencies others imply.
    private readonly List<(InstructionId Id, int[] Clock)> _line = [];
    private readonly Dictionary<(BufferId Buffer, int Chunk), Access> _accesses = [];

    public MscclProgramWriter(MscclPlacement[] placements, MscclAlgorithm algorithm, int rank)
    {
        _placements = placements;
        _placement = placements[rank];
        _blocks = algorithm.Gpus[rank].Blocks;
        _mostLanes = (2 * _blocks.Count) + 1;
    }

    /// <summary>The program for the steps, which come in an order in which they may happen.</summary>
    public RankProgram Write(IEnumerable<MscclStepRun> order)
    {
        foreach (MscclStepRun run in order)
            Write(run);
        foreach ((ChunkRange chunks, BufferId buffer) in _placement.Apart)
            Add(LaneOf(_blocks.Count, sends: false, channel: 0), new(Operation.Copy, chunks, BufferId.Data, -1, buffer));
        return _program.Build();
    }

    private void Write(MscclStepRun run)
    {
        MscclStepType type = run.Step.Type;
        if (type == MscclStepType.Nop)
            return;
        MscclBlock block = _blocks[run.Id.Block];
        if (type != MscclStepType.Send)
        {
            OpenLane lane = LaneOf(run.Id.Block, sends: false, block.Channel);
            foreach ((int first, ChunkRange chunks) in run.Sender is { } sender ? Pieces(sender, run) : Pieces(run, run))
                WriteLocally(lane, run, first, chunks);
        }

        if (type.Sends())
        {
            OpenLane lane = LaneOf(run.Id.Block, sends: true, block.Channel);
            foreach ((int first, ChunkRange chunks) in Pieces(run, run.Receiver!))
                Add(lane, new(Operation.Send, chunks, _placement.Kept(run, first), block.SendPeer, default));
        }
    }

    private void WriteLocally(OpenLane lane, MscclStepRun run, int first, ChunkRange chunks)
    {
        MscclStepType type = run.Step.Type;
        BufferId kept = _placement.Kept(run, first);
        BufferId source = type.ReadsSource() ? _placement.Source(run, first) : kept;
        int peer = _blocks[run.Id.Block].ReceivePeer;
        if (type == MscclStepType.Reduce || (type == MscclStepType.Copy && source != kept))
            Add(lane, new(type == MscclStepType.Reduce ? Operation.Reduce : Operation.Copy, chunks, kept, -1, source));
        if (!type.Receives())
            return;
        bool reducesAtOnce = type.ReducesReceived() && source == kept;
        Add(lane, new(reducesAtOnce ? Operation.RecvReduce : Operation.Recv, chunks, kept, peer, default));
        if (source != kept)
            Add(lane, new(Operation.Reduce, chunks, kept, -1, source));
    }

    /// <summary>What one instruction each can move, on both ends of a message.</summary>
    private IEnumerable<(int First, ChunkRange Chunks)> Pieces(MscclStepRun sender, MscclStepRun receiver)
    {
        int first = 0;
        for (int k = 1; k <= sender.Step.Count; k++)
        {
            if (k < sender.Step.Count && !_placements[sender.Rank].IsCut(sender, k) && !_placements[receiver.Rank].IsCut(receiver, k))
                continue;
            yield return (first, new(sender.Chunks[first], k - first));
            first = k;
        }
    }

    private OpenLane LaneOf(int block, bool sends, int channel)
    {
        if (!_lanes.TryGetValue((block, sends), out OpenLane? lane))
            _lanes.Add((block, sends), lane = new(_lanes.Count, _program.Lane(channel), new int[_mostLanes]));
        return lane;
    }

    private void Add(OpenLane lane, Instruction instruction)
    {
        int serial = _line.Count;
        var conflicts = new SortedSet<int>();
        for (int c = instruction.Chunks.First; c < instruction.Chunks.End; c++)
        {
            if (!instruction.Operation.IsTransfer())
                AccessOf(instruction.Source, c).Read(serial, conflicts);
            if (instruction.Operation == Operation.Send)
                AccessOf(instruction.Buffer, c).Read(serial, conflicts);
            else
                AccessOf(instruction.Buffer, c).Write(serial, conflicts);
        }

        // The latest first: what it waits for need not be waited for again.
        var clock = (int[])lane.Clock.Clone();
        var after = new List<InstructionId>();
        foreach (int conflict in conflicts.Reverse())
        {
            (InstructionId id, int[] other) = _line[conflict];
            if (id.Lane == lane.Number || clock[id.Lane] > id.Instruction)
                continue;
            after.Add(id);
            for (int l = 0; l < clock.Length; l++)
                clock[l] = Math.Max(clock[l], other[l]);
        }

        InstructionId added = lane.Builder.Add(instruction, [.. after.OrderBy(id => id.Lane).ThenBy(id => id.Instruction)]);
        clock[lane.Number] = added.Instruction + 1;
        lane.Clock = clock;
        _line.Add((added, clock));
    }

    private Access AccessOf(BufferId buffer, int chunk)
    {
        if (!_accesses.TryGetValue((buffer, chunk), out Access? access))
            _accesses.Add((buffer, chunk), access = new());
        return access;
    }

    private sealed class OpenLane(int number, LaneBuilder builder, int[] clock)
    {
        public int Number => number;

        public LaneBuilder Builder => builder;

        /// <summary>The clock of its last instruction.</summary>
        public int[] Clock { get; set; } = clock;
    }

    /// <summary>The last write to a place of the schedule, and the reads since then.</summary>
    private sealed class Access
    {
        private readonly List<int> _reads = [];
        private int _write = -1;

        public void Read(int serial, SortedSet<int> conflicts)
        {
            if (_write >= 0)
                conflicts.Add(_write);
            _reads.Add(serial);
        }

        public void Write(int serial, SortedSet<int> conflicts)
        {
            if (_write >= 0)
                conflicts.Add(_write);
            conflicts.UnionWith(_reads);
            _reads.Clear();
            _write = serial;
        }
    }
}

using System.Runtime.InteropServices;
using HpcTrain.Collectives.Execution;
using HpcTrain.Collectives.Verification;

namespace HpcTrain.Collectives.Simulation;

/// <summary>Turns programs of ranks into runs of equal steps. Its tables are used again for each rank; not for several threads at once.</summary>
/// <param name="schedule">The schedule.</param>
/// <param name="partition">Where chunks lie: steps that move nothing are left out.</param>
internal sealed class RankCompactor(Schedule schedule, ChunkPartition partition)
{
    // Idea. The queues and waits are those of an ExecutionPlan. But the programs of 4,096 ranks in a ring have 67 million instructions, so what is kept of a
    // program must not grow with it. Programs are loops that were written out: the next step of a queue mostly does what the last one did, a constant
    // number of chunks further, and waits for steps that are as far behind it. A run of such steps is kept as one.
    // A step that overwrites what has been read waits for the readers only: they have waited for the writer before.
    private const int None = -1;

    private readonly Dictionary<int, Chunkwise[]> _buffers = [];
    private readonly List<(int Step, int Next)> _readers = [];
    private readonly List<StepPlace> _steps = [];
    private readonly List<int> _awaitedBy = [];
    private readonly List<AwaitedStep> _waits = [];
    private readonly Dictionary<(QueueKind, int Peer, int Lane), int> _numbers = [];
    private readonly List<GrowingQueue> _queues = [];
    private int _queueCount;

    public CompactRank Compact(int rank)
    {
        RankProgram program = schedule.Program(rank);
        _readers.Clear();
        _steps.Clear();
        _awaitedBy.Clear();
        _numbers.Clear();
        _queueCount = 0;
        foreach (Chunkwise[] chunks in _buffers.Values)
            Array.Fill(chunks, new(None, None));
        foreach (InstructionId id in new ProgramOrder(schedule, rank, program).Line)
        {
            Instruction instruction = program[id];
            if (partition.Length(instruction.Chunks) > 0)
                Add(program.Lanes[id.Lane], id, instruction);
        }

        return Flatten();
    }

    private void Add(Lane lane, InstructionId id, Instruction instruction)
    {
        int q = QueueOf(lane, id, instruction);
        GrowingQueue queue = _queues[q];
        _waits.Clear();
        ChunkRange chunks = instruction.Chunks;
        var place = new StepPlace(q, queue.Steps, chunks);
        if (!instruction.Operation.IsTransfer())
            Touch(instruction.Source, place, writes: false);
        Touch(instruction.Buffer, place, writes: instruction.Operation != Operation.Send);
        _steps.Add(place);
        _awaitedBy.Add(None);
        queue.Add(id, instruction, _waits);
    }

    private int QueueOf(Lane lane, InstructionId id, Instruction instruction)
    {
        QueueKind kind = instruction.Operation switch
        {
            Operation.Send => QueueKind.Send,
            Operation.Recv or Operation.RecvReduce => QueueKind.Receive,
            _ => QueueKind.Local,
        };
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, (kind, instruction.Peer, id.Lane), out bool known);
        if (known)
            return number;
        number = _queueCount++;
        if (number == _queues.Count)
            _queues.Add(new());
        _queues[number].Begin(kind, instruction.Peer, lane.Channel, id.Lane);
        return number;
    }

    private void Touch(BufferId buffer, in StepPlace place, bool writes)
    {
        if (!_buffers.TryGetValue(buffer.Index, out Chunkwise[]? chunks))
        {
            chunks = new Chunkwise[schedule.Chunks.Length];
            Array.Fill(chunks, new(None, None));
            _buffers.Add(buffer.Index, chunks);
        }

        int step = _steps.Count;
        foreach (ref Chunkwise chunk in chunks.AsSpan(place.Chunks.First, place.Chunks.Count))
        {
            if (!writes || chunk.Readers == None)
                Await(chunk.Writer, place);
            if (writes)
            {
                for (int reader = chunk.Readers; reader != None; reader = _readers[reader].Next)
                    Await(_readers[reader].Step, place);
                chunk = new(step, None);
            }
            else if (chunk.Readers == None || _readers[chunk.Readers].Step != step)
            {
                _readers.Add((step, chunk.Readers));
                chunk = chunk with { Readers = _readers.Count - 1 };
            }
        }
    }

    private void Await(int step, in StepPlace place)
    {
        int me = _steps.Count;
        if (step < 0 || step == me || _awaitedBy[step] == me)
            return;
        _awaitedBy[step] = me;
        StepPlace other = _steps[step];
        _waits.Add(new(other.Queue, other.Position - place.Position, other.Chunks.First - place.Chunks.First, other.Chunks.Count));
    }

    private CompactRank Flatten()
    {
        var queues = new CompactQueue[_queueCount];
        int runs = 0, waits = 0;
        foreach (GrowingQueue queue in CollectionsMarshal.AsSpan(_queues)[.._queueCount])
            (runs, waits) = (runs + queue.Runs.Count, waits + queue.Waits.Count);
        var allRuns = new StepRun[runs];
        var allWaits = new AwaitedStep[waits];
        (runs, waits) = (0, 0);
        for (int q = 0; q < _queueCount; q++)
        {
            GrowingQueue queue = _queues[q];
            queues[q] = new(queue.Kind, queue.Peer, queue.Channel, queue.Lane, runs, runs + queue.Runs.Count);
            foreach (StepRun run in queue.Runs)
                allRuns[runs++] = run with { FirstAwaited = run.FirstAwaited + waits, AwaitedEnd = run.AwaitedEnd + waits };
            queue.Waits.CopyTo(allWaits, waits);
            waits += queue.Waits.Count;
        }

        return new(queues, allRuns, allWaits);
    }

    /// <summary>A chunk's last writer and, as a linked list, its readers since then.</summary>
    private readonly record struct Chunkwise(int Writer, int Readers);

    private readonly record struct StepPlace(int Queue, int Position, ChunkRange Chunks);

    /// <summary>A queue while its steps are found.</summary>
    private sealed class GrowingQueue
    {
        public QueueKind Kind { get; private set; }

        public int Peer { get; private set; }

        public int Channel { get; private set; }

        public int Lane { get; private set; }

        public int Steps { get; private set; }

        public List<StepRun> Runs { get; } = [];

        public List<AwaitedStep> Waits { get; } = [];

        public void Begin(QueueKind kind, int peer, int channel, int lane)
        {
            (Kind, Peer, Channel, Lane, Steps) = (kind, peer, channel, lane, 0);
            Runs.Clear();
            Waits.Clear();
        }

        public void Add(InstructionId id, in Instruction instruction, List<AwaitedStep> waits)
        {
            int position = Steps++;
            if (Runs.Count > 0 && Continues(ref CollectionsMarshal.AsSpan(Runs)[^1], id, instruction, waits))
                return;
            Runs.Add(new()
            {
                Position = position,
                Steps = 1,
                First = instruction.Chunks.First,
                Count = instruction.Chunks.Count,
                Instruction = id.Instruction,
                Operation = instruction.Operation,
                FirstAwaited = Waits.Count,
                AwaitedEnd = Waits.Count + waits.Count,
            });
            Waits.AddRange(waits);
        }

        private bool Continues(ref StepRun run, InstructionId id, in Instruction instruction, List<AwaitedStep> waits)
        {
            if (run.Operation != instruction.Operation || run.Count != instruction.Chunks.Count)
                return false;
            if (run.Steps == 1)
                (run.FirstDelta, run.InstructionDelta) = (instruction.Chunks.First - run.First, id.Instruction - run.Instruction);
            else if (run.ChunksAt(run.End) != instruction.Chunks || run.InstructionAt(run.End) != id.Instruction)
                return false;
            if (!CollectionsMarshal.AsSpan(waits).SequenceEqual(CollectionsMarshal.AsSpan(Waits)[run.FirstAwaited..run.AwaitedEnd]))
                return false;
            run.Steps++;
            return true;
        }
    }
}

using System.Collections.Immutable;
using HpcTrain.Collectives.Verification;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Execution;

/// <summary>Where a step finds or puts its elements: element e of the chunks lies at position e + shift of a memory.</summary>
/// <param name="Memory">0 for data, k for scratch buffer k, <see cref="ExecutionPlan.Input"/> for the contribution.</param>
/// <param name="Shift">What is added to an element's number.</param>
internal readonly record struct Place(short Memory, long Shift);

/// <summary>One instruction as it is executed: the elements it moves, and how many of them go into a segment.</summary>
/// <param name="Id">Its place in the program.</param>
/// <param name="Instruction">What it does.</param>
/// <param name="Start">Its first element, counted over all chunks.</param>
/// <param name="Length">Its length in elements; at least 1.</param>
/// <param name="SegmentLength">The elements of a segment; the last one may be shorter.</param>
/// <param name="FirstAwaited">Where the steps it has to follow begin in <see cref="ExecutionPlan.Awaited"/>.</param>
/// <param name="AwaitedEnd">Where they end.</param>
/// <param name="Source">What a send and a local step read.</param>
/// <param name="Left">The left operand of a reduction.</param>
/// <param name="Target">What everything but a send writes.</param>
internal readonly record struct Step(
    InstructionId Id, Instruction Instruction, long Start, long Length, long SegmentLength, int FirstAwaited, int AwaitedEnd,
    Place Source, Place Left, Place Target)
{
    public long End => Start + Length;
}

/// <summary>Steps that happen one after the other because they use the same channel in the same direction, or are local to the same lane.</summary>
/// <param name="Kind">What its steps do: send, receive (in either form), or local work.</param>
/// <param name="Peer">The other rank, or -1.</param>
/// <param name="Channel">The channel of the lane.</param>
/// <param name="First">Where its steps begin in <see cref="ExecutionPlan.QueuedSteps"/>.</param>
/// <param name="End">Where they end.</param>
/// <param name="StagingBytes">The room that a received segment needs before it is reduced; 0 when nothing is reduced.</param>
/// <param name="Lane">The lane of its steps.</param>
internal readonly record struct StepQueue(QueueKind Kind, int Peer, int Channel, int Lane, int First, int End, long StagingBytes);

internal enum QueueKind : byte
{
    Send,
    Receive,
    Local,
}

/// <summary>One rank's program, cut to a buffer's length: what an executor needs to know and never changes.</summary>
internal sealed class ExecutionPlan
{
    /// <summary>The memory that holds the rank's contribution, which is only read.</summary>
    public const short Input = byte.MaxValue + 1;

    private const int LeastSegmentBytes = 4096;

    // Idea. The program promises an order; what matters of it is the order of accesses to the same elements, and the order of
    // messages on a channel. So instructions become steps in queues: one for each channel and direction, one for each lane's
    // local work. A queue runs its steps in order, and a step waits, element by element, for the steps before it that touch its
    // elements. Everything else overlaps.
    // For the waiting, the program is gone through in line; each chunk of each buffer remembers its last writer and the readers
    // since. A step that writes waits for all of them, one that reads for the writer.
    // A chunk of data that nothing has written yet is the contribution, so it is read where the caller keeps that: no copy is made first.
    // Only a step that reads written and unwritten chunks together needs them side by side; then the contribution is copied into data.
    private readonly List<Step> _steps = [];
    private readonly List<int> _awaited = [];
    private readonly Dictionary<int, Chunkwise[]> _buffers = [];
    private readonly List<(int Step, int Next)> _readers = [];
    private readonly ChunkPartition _partition;
    private readonly long _longest;

    public ExecutionPlan(Schedule schedule, int rank, long count, ElementType type, long segmentBytes)
    {
        Schedule = schedule;
        Rank = rank;
        Count = count;
        Type = type;
        SegmentBytes = segmentBytes;
        ElementBytes = type.SizeInBytes();
        _partition = new ChunkPartition(schedule.Chunks, count, ElementBytes);
        _longest = LongestOfUnequal(schedule, _partition);
        RankProgram program = schedule.Program(rank);
        foreach (InstructionId id in new ProgramOrder(schedule, rank, program).Line)
            AddStep(program, id);

        Layout = new MemoryLayout(schedule, rank, _partition, _steps);
        Steps = [.. _steps.Select(Layout.Placed)];
        Awaited = [.. _awaited];
        (Queues, QueuedSteps) = MakeQueues(program);
        SendSiblings = [.. Queues.Select((queue, q) => Enumerable.Range(0, Queues.Length)
            .Where(other => other != q && queue.Kind == QueueKind.Send && Queues[other].Kind == QueueKind.Send && Queues[other].Lane == queue.Lane).ToArray())];
        Kept = FindRuns(c => Contract.Receives(Schedule, Rank, c) && !(_buffers.GetValueOrDefault(BufferId.Data.Index)?[c].Writer >= 0));
        Contributed = Layout.CopiesInput ? FindRuns(_ => true) : [];
    }

    public Schedule Schedule { get; }

    public int Rank { get; }

    /// <summary>The length of all chunks together, in elements.</summary>
    public long Count { get; }

    public ElementType Type { get; }

    public int ElementBytes { get; }

    public long SegmentBytes { get; }

    public Step[] Steps { get; }

    /// <summary>Steps that other steps wait for, grouped by who waits.</summary>
    public int[] Awaited { get; }

    public StepQueue[] Queues { get; }

    /// <summary>For each queue of sends, the other queues of sends of its lane.</summary>
    public int[][] SendSiblings { get; }

    /// <summary>Steps grouped by queue.</summary>
    public int[] QueuedSteps { get; }

    /// <summary>Where data, scratch and contribution lie.</summary>
    public MemoryLayout Layout { get; }

    /// <summary>What the rank contributes, never writes, and must end with: runs that are copied from the input to data.</summary>
    public ImmutableArray<KeptRun> Kept { get; }

    /// <summary>The whole contribution, where it has to be copied to data.</summary>
    public ImmutableArray<KeptRun> Contributed { get; }

    /// <summary>The bytes that this rank sends.</summary>
    public long SentBytes
    {
        get
        {
            long elements = 0;
            foreach (Step step in Steps)
                elements += step.Instruction.Operation == Operation.Send ? step.Length : 0;
            return elements * ElementBytes;
        }
    }

    private void AddStep(RankProgram program, InstructionId id)
    {
        Instruction instruction = program[id];
        long length = _partition.Length(instruction.Chunks);
        if (length == 0)
            return;

        int first = _awaited.Count;
        Place source = default, left = default, target = new(instruction.Buffer.Index, 0);
        if (!instruction.Operation.IsTransfer())
            source = Reading(instruction.Source, instruction.Chunks);
        else if (instruction.Operation == Operation.Send)
            source = Reading(instruction.Buffer, instruction.Chunks);
        if (instruction.Operation is Operation.RecvReduce or Operation.Reduce)
            left = Reading(instruction.Buffer, instruction.Chunks);

        if (!instruction.Operation.IsTransfer())
            Touch(instruction.Source, instruction.Chunks, writes: false, first);
        Touch(instruction.Buffer, instruction.Chunks, writes: instruction.Operation != Operation.Send, first);
        _steps.Add(new(id, instruction, _partition.Start(instruction.Chunks), length, SegmentLength(length, ElementBytes, SegmentBytes, _longest), first, _awaited.Count, source, left, target));
    }

    /// <summary>Where chunks are read: in the input as long as nothing has written them. A shift of -1 says that some have been written and some not.</summary>
    private Place Reading(BufferId buffer, ChunkRange range)
    {
        if (buffer != BufferId.Data)
            return new(buffer.Index, 0);
        if (!_buffers.TryGetValue(buffer.Index, out Chunkwise[]? chunks))
            return new(Input, 0);
        int written = 0;
        foreach (Chunkwise chunk in chunks.AsSpan(range.First, range.Count))
            written += chunk.Writer >= 0 ? 1 : 0;
        return written == 0 ? new(Input, 0) : new(0, written == range.Count ? 0 : MemoryLayout.Mixed);
    }

    private ImmutableArray<KeptRun> FindRuns(Func<int, bool> isCopied)
    {
        var runs = ImmutableArray.CreateBuilder<KeptRun>();
        for (int c = 0; c < Schedule.Chunks.Length; c++)
        {
            if (_partition.Length(c) == 0 || !Contract.Contributes(Schedule, Rank, c) || !isCopied(c))
                continue;
            long from = _partition.Start(c) + Layout.InputShift, to = _partition.Start(c) + Layout.OutputShift(c), length = _partition.Length(c);
            if (runs.Count > 0 && runs[^1] is var last && last.From + last.Length == from && last.To + last.Length == to)
                runs[^1] = last with { Length = last.Length + length };
            else
                runs.Add(new(from, to, length));
        }

        return runs.ToImmutable();
    }

    /// <summary>The elements of the longest chunk where chunks have different weights; otherwise 0.</summary>
    internal static long LongestOfUnequal(Schedule schedule, ChunkPartition partition) => Array.TrueForAll([.. schedule.Chunks], chunk => chunk.Weight == schedule.Chunks[0].Weight)
        ? 0 : Enumerable.Range(0, schedule.Chunks.Length).Max(chunk => partition.Length(chunk));

    /// <summary>The elements of a segment of a step of so many elements.</summary>
    /// <param name="length">The elements of the step.</param>
    /// <param name="elementBytes">The size of an element.</param>
    /// <param name="segmentBytes">The longest segment.</param>
    /// <param name="longest">What <see cref="LongestOfUnequal"/> says.</param>
    internal static long SegmentLength(long length, int elementBytes, long segmentBytes, long longest)
    {
        // Segments of equal size, rather than full ones and a remainder; both ends of a message compute the same. Chunks of different weight have equally many: where
        // several go over one link, it carries a segment of each in turn, and so each gets the part of the link that its weight says. Only shorter ones than a
        // message should be are not made.
        long bytes = length * elementBytes;
        long segments = Math.Max(1, (bytes + segmentBytes - 1) / segmentBytes);
        long alike = ((longest * elementBytes) + segmentBytes - 1) / segmentBytes;
        segments = Math.Max(segments, Math.Min(alike, bytes / LeastSegmentBytes));
        long equal = (length + segments - 1) / segments;
        long line = Math.Max(1, NativeBlock.Alignment / elementBytes);
        return equal < line ? equal : (equal + line - 1) / line * line;
    }

    private void Touch(BufferId buffer, ChunkRange range, bool writes, int firstAwaited)
    {
        int step = _steps.Count;
        if (!_buffers.TryGetValue(buffer.Index, out Chunkwise[]? chunks))
        {
            chunks = new Chunkwise[Schedule.Chunks.Length];
            Array.Fill(chunks, new(-1, -1));
            _buffers.Add(buffer.Index, chunks);
        }

        for (int c = range.First; c < range.End; c++)
        {
            ref Chunkwise chunk = ref chunks[c];
            Await(chunk.Writer, firstAwaited);
            if (writes)
            {
                for (int reader = chunk.Readers; reader >= 0; reader = _readers[reader].Next)
                    Await(_readers[reader].Step, firstAwaited);
                chunk = new(step, -1);
            }
            else
            {
                _readers.Add((step, chunk.Readers));
                chunk = chunk with { Readers = _readers.Count - 1 };
            }
        }
    }

    private void Await(int step, int firstAwaited)
    {
        if (step >= 0 && step != _steps.Count && _awaited.IndexOf(step, firstAwaited) < 0)
            _awaited.Add(step);
    }

    private (StepQueue[] Queues, int[] Steps) MakeQueues(RankProgram program)
    {
        var groups = new Dictionary<(QueueKind, int Peer, int Lane), List<int>>();
        for (int s = 0; s < Steps.Length; s++)
        {
            Instruction instruction = Steps[s].Instruction;
            QueueKind kind = instruction.Operation switch
            {
                Operation.Send => QueueKind.Send,
                Operation.Recv or Operation.RecvReduce => QueueKind.Receive,
                _ => QueueKind.Local,
            };
            var key = (kind, instruction.Peer, Steps[s].Id.Lane);
            if (!groups.TryGetValue(key, out List<int>? steps))
                groups.Add(key, steps = []);
            steps.Add(s);
        }

        var queues = new List<StepQueue>();
        var queued = new List<int>();
        foreach (((QueueKind kind, int peer, int lane), List<int> steps) in groups)
        {
            long staging = steps.Max(s => Steps[s].Instruction.Operation == Operation.RecvReduce ? Steps[s].SegmentLength * ElementBytes : 0);
            queues.Add(new(kind, peer, program.Lanes[lane].Channel, lane, queued.Count, queued.Count + steps.Count, staging));
            queued.AddRange(steps);
        }

        return ([.. queues], [.. queued]);
    }

    private readonly record struct Chunkwise(int Writer, int Readers);
}

/// <summary>Elements that only move from the input to data.</summary>
/// <param name="From">The first one's position in the input.</param>
/// <param name="To">Its position in data.</param>
/// <param name="Length">Their number.</param>
internal readonly record struct KeptRun(long From, long To, long Length);

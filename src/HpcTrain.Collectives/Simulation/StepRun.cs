using HpcTrain.Collectives.Execution;

namespace HpcTrain.Collectives.Simulation;

/// <summary>
/// Steps of a queue that follow each other and differ only by a constant: the k-th moves chunks <c>First + k FirstDelta</c> and on, and is instruction
/// <c>Instruction + k InstructionDelta</c> of its lane.
/// </summary>
internal struct StepRun
{
    /// <summary>The position of the first step in its queue.</summary>
    public int Position;

    /// <summary>The number of steps.</summary>
    public int Steps;
    public int First;
    public int FirstDelta;
    public int Count;
    public int Instruction;
    public int InstructionDelta;
    public Operation Operation;

    /// <summary>Where what each of the steps waits for begins in <see cref="CompactRank.Awaited"/>.</summary>
    public int FirstAwaited;
    public int AwaitedEnd;

    public readonly int End => Position + Steps;

    public readonly ChunkRange ChunksAt(int position) => new(First + ((position - Position) * FirstDelta), Count);

    public readonly int InstructionAt(int position) => Instruction + ((position - Position) * InstructionDelta);
}

/// <summary>A step that steps of a run wait for, seen from each of them.</summary>
/// <param name="Queue">Its queue.</param>
/// <param name="Ahead">Its position in its queue minus the position of who waits.</param>
/// <param name="FirstAhead">Its first chunk minus the first chunk of who waits.</param>
/// <param name="Count">Its number of chunks.</param>
internal readonly record struct AwaitedStep(int Queue, int Ahead, int FirstAhead, int Count);

/// <summary>A queue of a rank's steps, as an <see cref="ExecutionPlan"/> has it.</summary>
/// <param name="Kind">What its steps do.</param>
/// <param name="Peer">The other rank, or -1.</param>
/// <param name="Channel">The channel of the lane.</param>
/// <param name="Lane">The lane of its steps.</param>
/// <param name="FirstRun">Where its runs begin.</param>
/// <param name="RunEnd">Where they end.</param>
internal readonly record struct CompactQueue(QueueKind Kind, int Peer, int Channel, int Lane, int FirstRun, int RunEnd);

/// <summary>What a rank does, in runs of equal steps.</summary>
/// <param name="Queues">Its queues, in the order of their first steps.</param>
/// <param name="Runs">The runs of the queues, queue after queue.</param>
/// <param name="Awaited">What the steps of runs wait for, run after run; queues are numbered as in <paramref name="Queues"/>.</param>
internal sealed record CompactRank(CompactQueue[] Queues, StepRun[] Runs, AwaitedStep[] Awaited);

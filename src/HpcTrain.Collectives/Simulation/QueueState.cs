using HpcTrain.Collectives.Execution;

namespace HpcTrain.Collectives.Simulation;

/// <summary>A place in a queue: a step, and how much of it is past.</summary>
internal struct StepCursor
{
    public int Run;
    public int Position;

    /// <summary>The elements of the step that are past.</summary>
    public long Done;

    /// <summary>The first element of the step.</summary>
    public long Start;
    public long Length;
    public long SegmentLength;

    public readonly long From => Start + Done;

    public readonly long Next => Math.Min(SegmentLength, Length - Done);
}

/// <summary>A queue of a rank's steps, and how far it is.</summary>
internal struct QueueState
{
    public const int None = -1;

    public QueueKind Kind;
    public int Rank;
    public int Lane;
    public int Peer;
    public int Channel;
    public int FirstRun;
    public int RunEnd;
    public int Flow;

    /// <summary>The queue that is woken in its place: itself, or the first of several queues of sends of a lane.</summary>
    public int Leader;

    /// <summary>Of a leader of several: the one whose next send comes first in the lane.</summary>
    public int Head;

    /// <summary>The one of the same lane whose next send comes next.</summary>
    public int NextSibling;
    public int FirstDependent;
    public int DependentEnd;

    /// <summary>The next segment that will be offered or asked for.</summary>
    public StepCursor Posted;

    /// <summary>The oldest segment that is not done.</summary>
    public StepCursor Oldest;

    /// <summary>The segments that are posted and not done.</summary>
    public int InFlight;

    /// <summary>The segments that have arrived and are not done.</summary>
    public int Arrived;

    /// <summary>Whether the processor has been given its oldest segment.</summary>
    public bool IsAtWork;

    /// <summary>Whether it is about to be looked at.</summary>
    public bool IsAwake;

    public readonly bool IsPosted => Posted.Run == RunEnd;

    public readonly bool IsDone => Oldest.Run == RunEnd;
}

using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Diagnostics;

/// <summary>How far a collective has come on this rank.</summary>
public enum FlightState
{
    /// <summary>Called; nothing has moved yet.</summary>
    Started,

    /// <summary>Under way, and something has moved. A short blocking call does not stop to say so.</summary>
    Progress,

    /// <summary>At its end.</summary>
    Done,

    /// <summary>Given up: it stalled, ranks called different things, or another operation failed.</summary>
    Failed,
}

/// <summary>One collective as the <see cref="FlightRecorder"/> saw it.</summary>
/// <param name="Sequence">Its number among the calls of the communicator, from 1; the same on all ranks that call the same.</param>
/// <param name="Collective">What was called.</param>
/// <param name="Type">The element type.</param>
/// <param name="Op">The operation; null where nothing is reduced.</param>
/// <param name="Count">Elements, see <see cref="CollectiveCall.Count"/>.</param>
/// <param name="Root">The root; null where there is none.</param>
/// <param name="Algorithm">The algorithm's name, cut to 20 bytes.</param>
/// <param name="Path">How the data travels, for example <c>mpi</c> or <c>slots</c>.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Started">When it was called, to some milliseconds.</param>
/// <param name="Duration">How long it took, to some milliseconds; null while it is under way. 0 for a call that hardly waited.</param>
/// <param name="Waits">Of one that is under way or has failed: which instruction of which lane, or which phase, waits for which rank.</param>
public sealed record FlightEntry(
    long Sequence, CollectiveKind Collective, ElementType Type, ReduceOp? Op, long Count, int? Root, string Algorithm, string Path,
    FlightState State, DateTime Started, TimeSpan? Duration, IReadOnlyList<string> Waits);

using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Diagnostics;

/// <summary>A call of a communicator that is complete: what it was, how it was done and why so, and when.</summary>
/// <param name="Sequence">Its number among the calls of the communicator, from 1; the same on all ranks that call the same.</param>
/// <param name="Slot">The lowest number, from 0, that no other call had while this one was under way: calls of one slot never overlap.</param>
/// <param name="Collective">What was called.</param>
/// <param name="Type">The element type.</param>
/// <param name="Op">The operation; null where nothing is reduced.</param>
/// <param name="Root">The root; null where there is none.</param>
/// <param name="Count">Elements, see <see cref="CollectiveCall.Count"/>.</param>
/// <param name="Algorithm">The algorithm that ran.</param>
/// <param name="Path">How the data travelled, for example <c>mpi</c> or <c>slots</c>.</param>
/// <param name="SegmentBytes">The longest message in bytes; 0 where memory is shared.</param>
/// <param name="Reason">Why this algorithm, see <see cref="AlgorithmChoice.Reason"/>.</param>
/// <param name="Started">When it was called, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</param>
/// <param name="Ended">When this rank saw that it was complete, in the same ticks.</param>
public readonly record struct CollectiveRecord(
    long Sequence, int Slot, CollectiveKind Collective, ElementType Type, ReduceOp? Op, int? Root, long Count, string Algorithm, string Path,
    long SegmentBytes, string Reason, long Started, long Ended)
{
    /// <summary>The bytes of <see cref="Count"/> elements.</summary>
    public long Bytes => Count * Type.SizeInBytes();
}

/// <summary>Is told of each call that is complete, on the thread that completes it. It must neither throw nor call the communicator.</summary>
public delegate void CollectiveObserver(in CollectiveRecord record);

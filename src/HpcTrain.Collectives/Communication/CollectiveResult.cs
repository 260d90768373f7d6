using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <summary>What really ran.</summary>
/// <param name="Algorithm">The algorithm's name, never <c>auto</c>.</param>
/// <param name="PartialType">The element type in which partial results travelled.</param>
/// <param name="SegmentBytes">The longest message in bytes.</param>
/// <param name="SentBytes">The bytes that this rank sent.</param>
/// <param name="Path">How they travelled: the name of the transport, for example <c>mpi</c>.</param>
public readonly record struct CollectiveResult(string Algorithm, ElementType PartialType, long SegmentBytes, long SentBytes, string Path);

using HpcTrain.Training.Replication;

namespace HpcTrain.Training.Reduction;

/// <summary>
/// A part of the flat gradients that is reduced as one: whole slots that lie one after the other. Buckets are numbered in the order in which they are
/// reduced, which is the same on all ranks; they may have any length, 0 too.
/// </summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Slots">The parameters in it.</param>
/// <param name="Offset">Its first element in the flat gradients.</param>
/// <param name="Length">Its length in elements, gaps between slots included.</param>
public sealed record GradientBucket(int Index, IReadOnlyList<ParameterSlot> Slots, int Offset, int Length);

using System.Collections.Immutable;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>A schedule as a part of a larger one: which ranks run it, and on what.</summary>
/// <param name="Schedule">What is run; not an all-to-all.</param>
/// <param name="Channels">The channels that it uses, counted from 0.</param>
/// <param name="Ranks">The rank of the larger schedule that plays each of its ranks.</param>
/// <param name="Blocks">
/// The chunks of the larger schedule, as composed, on which it works. When its chunks have owners: one list for each of its ranks, whose block these
/// chunks are; blocks may then have different lengths. Otherwise one list, which is its whole buffer.
/// </param>
internal sealed record PlacedSchedule(Schedule Schedule, int Channels, ImmutableArray<int> Ranks, ImmutableArray<ImmutableArray<int>> Blocks);

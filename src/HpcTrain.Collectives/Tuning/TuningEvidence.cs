namespace HpcTrain.Collectives;

/// <summary>A measurement behind a rule.</summary>
/// <param name="Collective">What was measured.</param>
/// <param name="Algorithm">The algorithm that ran.</param>
/// <param name="SegmentBytes">The longest message in bytes; 0 for the default, or where memory was shared.</param>
/// <param name="Ranks">The number of ranks.</param>
/// <param name="Nodes">The number of nodes that they were on.</param>
/// <param name="Bytes">The length of the whole data buffer in bytes.</param>
/// <param name="Microseconds">The median time of a call, on the slowest rank.</param>
/// <param name="Rounds">The number of times behind the median.</param>
public sealed record TuningEvidence(
    CollectiveKind Collective, string Algorithm, long SegmentBytes, int Ranks, int Nodes, long Bytes, double Microseconds, int Rounds);

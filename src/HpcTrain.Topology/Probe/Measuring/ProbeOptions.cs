namespace HpcTrain.Topology;

/// <summary>How a probe measures.</summary>
/// <param name="Time">For all of it. The sweep is always finished, with streams as short as they may be; what else does not fit is left out.</param>
/// <param name="StallTimeout">How long a message may take before the probe ends with an error that names its ranks.</param>
/// <param name="PingBytes">The message that latency is measured with, in bytes; 1 or more.</param>
/// <param name="MostBytes">The longest message of a stream, in bytes; shorter ones where the links are slow.</param>
public sealed record ProbeOptions(TimeSpan Time, TimeSpan StallTimeout, int PingBytes = 8, int MostBytes = 512 << 10);

/// <summary>How far a probe is, after a round.</summary>
/// <param name="Round">Rounds done.</param>
/// <param name="Of">Rounds planned.</param>
/// <param name="Phase">What the last one was for.</param>
public readonly record struct ProbeProgress(int Round, int Of, ProbePhase Phase);

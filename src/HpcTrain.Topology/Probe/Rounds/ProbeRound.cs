using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>What a round of a probe is for.</summary>
public enum ProbePhase
{
    /// <summary>As many disjoint pairs as there are, at the same time.</summary>
    Sweep,

    /// <summary>One pair, and nothing else.</summary>
    Alone,

    /// <summary>One rank and several others.</summary>
    Fan,
}

/// <summary>Bytes from one rank to another, as fast as they go.</summary>
/// <param name="From">The rank that sends.</param>
/// <param name="To">The rank that receives, another one.</param>
public readonly record struct ProbeStream(int From, int To);

/// <summary>Streams that run at the same time. Pairs exchange: each stream has its counterpart in the same round.</summary>
/// <param name="Phase">What it is for.</param>
/// <param name="Streams">The streams; each at most once.</param>
public sealed record ProbeRound(ProbePhase Phase, ImmutableArray<ProbeStream> Streams)
{
    /// <summary>A round of pairs that exchange.</summary>
    public static ProbeRound Of(ProbePhase phase, IEnumerable<(int A, int B)> pairs) =>
        new(phase, [.. pairs.SelectMany(pair => new[] { new ProbeStream(pair.A, pair.B), new ProbeStream(pair.B, pair.A) })]);
}

/// <summary>A round and what was measured in it.</summary>
/// <param name="Round">The round.</param>
/// <param name="Rates">Of each of its streams, in 10^9 bytes per second, as its receiver counted; positive.</param>
/// <param name="Latencies">Of each of its streams, in seconds: half of a round trip of a short message, measured before the streams began; NaN where it was not.</param>
public sealed record ProbeObservation(ProbeRound Round, ImmutableArray<double> Rates, ImmutableArray<double> Latencies);

/// <summary>All that a probe measured: what links are inferred from.</summary>
/// <param name="NodeOf">The node of each rank, nodes numbered from 0.</param>
/// <param name="Hosts">The name of each node.</param>
/// <param name="Observations">The rounds, in the order in which they ran; every pair of ranks is in a sweep.</param>
public sealed record ProbeMeasurements(ImmutableArray<int> NodeOf, ImmutableArray<string> Hosts, ImmutableArray<ProbeObservation> Observations)
{
    /// <summary>The number of ranks.</summary>
    public int Ranks => NodeOf.Length;
}

namespace HpcTrain.Collectives.Simulation;

/// <summary>What a simulated machine does besides its links, and how a buffer is cut.</summary>
/// <param name="Bytes">The length of all chunks together in bytes (for collectives with blocks: of all blocks); a multiple of <see cref="ElementBytes"/>.</param>
public sealed record SimulationOptions(long Bytes)
{
    /// <summary>The size of an element in bytes; messages hold whole elements.</summary>
    public int ElementBytes { get; init; } = 4;

    /// <summary>The longest message in bytes; at least 1.</summary>
    public long SegmentBytes { get; init; } = 1 << 20;

    /// <summary>The messages that one channel keeps under way in each direction; at least 1.</summary>
    public int SegmentsInFlight { get; init; } = 4;

    /// <summary>
    /// The length of the acknowledgement that a receiver returns for each message, in bytes with all headers; 0 or more. It travels back over links as messages do, and waits
    /// there behind them; until it has come the sender counts the message as under way. Null: none, the sender is done when the last byte has arrived.
    /// </summary>
    public long? AcknowledgementBytes { get; init; }

    /// <summary>Seconds of its sender's processor that a message costs before its first byte leaves.</summary>
    public double OverheadSeconds { get; init; }

    /// <summary>Seconds of a rank's processor that it takes to reduce a byte into another; 0: no time.</summary>
    public double ReduceSecondsPerByte { get; init; }

    /// <summary>The latency of every link in seconds, instead of what the topology says; null: what the topology says.</summary>
    public double? LatencySeconds { get; init; }

    /// <summary>Given ways for some messages; all others take <see cref="Routes.Shortest"/>.</summary>
    public Routes? Routes { get; init; }

    /// <summary>Who is told what happens, in the order of its begin on each link and rank; null: nobody.</summary>
    public ISimulationTrace? Trace { get; init; }

    internal void Check()
    {
        Require(Bytes >= 0 && ElementBytes >= 1 && Bytes % Math.Max(1, ElementBytes) == 0, $"a buffer of {Bytes} bytes does not hold whole elements of {ElementBytes} bytes");
        Require(SegmentBytes >= 1, $"a segment has {SegmentBytes} bytes; it needs at least 1");
        Require(SegmentsInFlight >= 1, $"{SegmentsInFlight} segments in flight; it takes at least 1");
        Require(AcknowledgementBytes is not < 0, $"an acknowledgement has {AcknowledgementBytes} bytes; it has 0 or more");
        Require(OverheadSeconds >= 0 && double.IsFinite(OverheadSeconds), $"an overhead of {OverheadSeconds} s; it is 0 or more");
        Require(ReduceSecondsPerByte >= 0 && double.IsFinite(ReduceSecondsPerByte), $"{ReduceSecondsPerByte} s for a reduced byte; it is 0 or more");
        Require(LatencySeconds is not { } latency || (latency >= 0 && double.IsFinite(latency)), $"a latency of {LatencySeconds} s; it is 0 or more");
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new ScheduleException($"The simulation cannot start: {what}.");
    }
}

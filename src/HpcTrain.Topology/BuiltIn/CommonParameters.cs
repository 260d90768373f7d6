namespace HpcTrain.Topology;

/// <summary>Parameters that many families have.</summary>
internal static class CommonParameters
{
    public const string BandwidthName = "bandwidth";

    public const string LatencyName = "latency_us";

    public static TopologyParameter Latency { get; } = new(LatencyName, "0", "latency of every link in microseconds");

    public static TopologyParameter Bandwidth(string gigabytes) => new(BandwidthName, gigabytes, "GB/s of every link and direction");

    /// <summary>What families of plain networks have beside their shape.</summary>
    public static IReadOnlyList<TopologyParameter> Network(params IReadOnlyList<TopologyParameter> shape) => [.. shape, Bandwidth("12.5"), Latency];
}

namespace HpcTrain.Benchmarking.Reports;

/// <summary>A row of the results: one algorithm on one workload. Null is what was not measured, or what there is none of.</summary>
internal sealed record BenchmarkRow
{
    public required string Collective { get; init; }

    public required int Ranks { get; init; }

    public required int Nodes { get; init; }

    public required long Bytes { get; init; }

    public required long Count { get; init; }

    public required string Type { get; init; }

    public required string Op { get; init; }

    public required int? Root { get; init; }

    public required bool InPlace { get; init; }

    public required string RequestedAlgorithm { get; init; }

    public required string Algorithm { get; init; }

    public required string Path { get; init; }

    public required long SegmentBytes { get; init; }

    public required string Buffers { get; init; }

    public required long Iterations { get; init; }

    public required double TimeUs { get; init; }

    public required double AlgbwGbs { get; init; }

    public required double BusbwGbs { get; init; }

    public double? P50Us { get; init; }

    public double? P99Us { get; init; }

    public long? Wrong { get; init; }

    public string? Peer { get; init; }

    public string? PeerAlgorithm { get; init; }

    public double? PeerTimeUs { get; init; }

    public double? PeerP99Us { get; init; }

    public long? PeerWrong { get; init; }

    public double? Ratio { get; init; }

    public double? OverallUs { get; init; }

    public double? ComputeUs { get; init; }

    public double? OverlapPercent { get; init; }

    public double? PeerOverlapPercent { get; init; }
}

/// <summary>A column of the results: a key of JSON's rows, a column of CSV, a line of the help.</summary>
/// <param name="Name">The key.</param>
/// <param name="Meaning">What it holds.</param>
/// <param name="Value">The value of a row.</param>
internal sealed record RowColumn(string Name, string Meaning, Func<BenchmarkRow, object?> Value)
{
    /// <summary>All columns, in the order of the keys.</summary>
    public static IReadOnlyList<RowColumn> All { get; } =
    [
        new("collective", "allreduce, reduce-scatter, ...", row => row.Collective),
        new("ranks", "number of ranks", row => row.Ranks),
        new("nodes", "number of nodes they are on", row => row.Nodes),
        new("bytes", "size of the whole data buffer (of n blocks: all n), 0 for a barrier", row => row.Bytes),
        new("count", "elements of the whole data buffer", row => row.Count),
        new("type", "element type, none for a barrier", row => row.Type),
        new("op", "operation of a reduction, else none", row => row.Op),
        new("root", "root rank, null where there is none", row => row.Root),
        new("in_place", "whether contribution and result share a buffer", row => row.InPlace),
        new("requested_algorithm", "what was asked for", row => row.RequestedAlgorithm),
        new("algorithm", "what really ran", row => row.Algorithm),
        new("path", "how the data travelled", row => row.Path),
        new("segment_bytes", "the longest message, 0 where there are none", row => row.SegmentBytes),
        new("buffers", "communicator or ordinary: our memory; a peer's is ordinary", row => row.Buffers),
        new("iterations", "calls that were timed in batches", row => row.Iterations),
        new("time_us", "a call: median over batches of the slowest rank's mean; with --overlap a started call that is waited for", row => row.TimeUs),
        new("algbw_gbs", "bytes / time, in 1e9 bytes per second", row => row.AlgbwGbs),
        new("busbw_gbs", "algbw times the collective's factor", row => row.BusbwGbs),
        new("p50_us", "median over single calls, each the slowest rank's", row => row.P50Us),
        new("p99_us", "what 99 of 100 single calls stay below", row => row.P99Us),
        new("wrong", "wrong elements on all ranks (of a barrier: ranks that left early), null when not checked", row => row.Wrong),
        new("peer", "the MPI library, null where nothing was compared", row => row.Peer),
        new("peer_algorithm", "the one that its environment variables force, else default", row => row.PeerAlgorithm),
        new("peer_time_us", "as time_us, measured in the same rounds", row => row.PeerTimeUs),
        new("peer_p99_us", "as p99_us", row => row.PeerP99Us),
        new("peer_wrong", "as wrong; does not change the exit code", row => row.PeerWrong),
        new("ratio", "peer_time_us / time_us: above 1 ours is faster; null where the peer was wrong", row => row.Ratio),
        new("overall_us", "with --overlap: a started call with computation in between", row => row.OverallUs),
        new("compute_us", "with --overlap: the computation alone", row => row.ComputeUs),
        new("overlap_percent", "with --overlap: the share of time_us that was hidden", row => row.OverlapPercent),
        new("peer_overlap_percent", "as overlap_percent", row => row.PeerOverlapPercent),
    ];
}

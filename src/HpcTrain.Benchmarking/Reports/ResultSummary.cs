using HpcTrain.Benchmarking.Measuring;

namespace HpcTrain.Benchmarking.Reports;

/// <summary>How one algorithm did against a peer.</summary>
/// <param name="Collective">The collective.</param>
/// <param name="RequestedAlgorithm">The algorithm as asked for.</param>
/// <param name="Peer">The peer.</param>
/// <param name="PeerAlgorithm">What the peer used; "several" when that changed from row to row.</param>
/// <param name="Rows">Rows compared.</param>
/// <param name="GeometricMean">The geometric mean of their ratios.</param>
/// <param name="Smallest">The smallest ratio.</param>
/// <param name="SmallestBytes">Its size.</param>
internal sealed record Comparison(
    string Collective, string RequestedAlgorithm, string Peer, string PeerAlgorithm, int Rows, double GeometricMean, double Smallest, long SmallestBytes);

/// <summary>What all rows together say.</summary>
internal sealed record ResultSummary
{
    public required int Rows { get; init; }

    /// <summary>Wrong elements of ours; null when nothing was checked.</summary>
    public required long? Wrong { get; init; }

    /// <summary>Wrong elements of peers; null when nothing was checked.</summary>
    public required long? PeerWrong { get; init; }

    /// <summary>The mean over all rows, as nccl-tests has it, but for those of barriers, which move nothing; null when there is none.</summary>
    public required double? AverageBusbwGbs { get; init; }

    public required IReadOnlyList<Comparison> Comparisons { get; init; }

    /// <summary>Sums rows up.</summary>
    public static ResultSummary Of(IReadOnlyList<BenchmarkRow> rows) => new()
    {
        Rows = rows.Count,
        Wrong = rows.Any(row => row.Wrong != null) ? rows.Sum(row => row.Wrong ?? 0) : null,
        PeerWrong = rows.Any(row => row.PeerWrong != null) ? rows.Sum(row => row.PeerWrong ?? 0) : null,
        AverageBusbwGbs = rows.Where(row => row.Bytes > 0).Select(row => (double?)row.BusbwGbs).Average(),
        Comparisons =
        [
            .. rows.Where(row => row.Ratio != null).GroupBy(row => (row.Collective, row.RequestedAlgorithm, Peer: row.Peer!))
                .Select(group => Compare(group.Key.Collective, group.Key.RequestedAlgorithm, group.Key.Peer, [.. group])),
        ],
    };

    private static Comparison Compare(string collective, string algorithm, string peer, IReadOnlyList<BenchmarkRow> rows)
    {
        BenchmarkRow least = rows.MinBy(row => row.Ratio)!;
        string[] used = [.. rows.Select(row => row.PeerAlgorithm!).Distinct()];
        return new(collective, algorithm, peer, used.Length == 1 ? used[0] : "several", rows.Count,
            Statistics.GeometricMean([.. rows.Select(row => row.Ratio!.Value)]), least.Ratio!.Value, least.Bytes);
    }
}

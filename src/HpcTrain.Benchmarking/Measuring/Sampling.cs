namespace HpcTrain.Benchmarking.Measuring;

/// <summary>How much is measured.</summary>
/// <param name="Iterations">Batches of each contender; null: until the medians are known well enough.</param>
/// <param name="Warmup">Calls of each contender before the clock starts.</param>
/// <param name="RowTime">When <paramref name="Iterations"/> is null: no round begins after this time.</param>
internal sealed record Sampling(int? Iterations, int Warmup, TimeSpan RowTime)
{
    /// <summary>A batch lasts at least this long, so that neither the clock nor ranks that leave the barrier one after the other matter.</summary>
    public static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(1);

    /// <summary>The half width of the median's confidence interval at which it is known well enough.</summary>
    public const double Accuracy = 0.05;
}

/// <summary>What was measured of a contender.</summary>
/// <param name="Seconds">Of a call: the median over batches of the slowest rank's mean.</param>
/// <param name="P50">The median over single calls, each the slowest rank's; null when there were none.</param>
/// <param name="P99">What 99 of 100 single calls stay below; null when there were none.</param>
/// <param name="Iterations">The calls that were timed in batches.</param>
internal readonly record struct Measurement(double Seconds, double? P50, double? P99, long Iterations);

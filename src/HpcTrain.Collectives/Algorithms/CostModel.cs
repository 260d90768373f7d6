using System.Globalization;

namespace HpcTrain.Collectives;

/// <summary>
/// The three numbers by which algorithms are compared before anything has been measured: a message of b bytes takes
/// alpha + b beta seconds, and reducing b bytes takes b gamma seconds.
/// </summary>
/// <param name="Alpha">Seconds per message.</param>
/// <param name="Beta">Seconds per byte sent.</param>
/// <param name="Gamma">Seconds per byte reduced.</param>
public readonly record struct CostModel(double Alpha, double Beta, double Gamma)
{
    /// <summary>
    /// A node's shared memory or a fast network: 2 microseconds per message, 4 GB/s per link, 8 GB/s of reduction. Only the ratios
    /// matter for a choice; they put the change from recursive doubling to bandwidth-optimal algorithms at a few KiB.
    /// </summary>
    public static CostModel Default { get; } = new(2e-6, 1 / 4e9, 1 / 8e9);

    /// <summary>The numbers as people say them, for example <c>2.0 us per message, 4.00 GB/s sent, 8.00 GB/s reduced</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Alpha * 1e6:0.0} us per message, {1e-9 / Beta:0.00} GB/s sent, {1e-9 / Gamma:0.00} GB/s reduced");
}

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>What can be said about samples without knowing how they are distributed.</summary>
public static class Statistics
{
    private const double Normal95 = 1.959964;

    /// <summary>The value at a share of the sorted samples, between neighbours in proportion; not a number when there are none.</summary>
    /// <param name="samples">The samples, in any order.</param>
    /// <param name="share">0 for the least, 0.5 for the median, 1 for the largest.</param>
    public static double Quantile(IReadOnlyCollection<double> samples, double share)
    {
        if (samples.Count == 0)
            return double.NaN;
        double[] sorted = [.. samples.Order()];
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[^1];
    }

    /// <summary>The median.</summary>
    public static double Median(IReadOnlyCollection<double> samples) => Quantile(samples, 0.5);

    /// <summary>
    /// How far the ends of the 95 % confidence interval of the median are from it, relative to it. The ends are samples: those whose ranks the median's
    /// leaves with a probability below 5 %. Infinite when there are too few samples to say.
    /// </summary>
    public static double MedianUncertainty(IReadOnlyCollection<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        double half = Normal95 * Math.Sqrt(sorted.Length) / 2, middle = sorted.Length / 2.0;
        int low = (int)Math.Floor(middle - half) - 1, high = (int)Math.Ceiling(middle + half);
        if (low < 0 || high >= sorted.Length)
            return double.PositiveInfinity;
        double median = Median(sorted);
        return Math.Max(sorted[high] - median, median - sorted[low]) / median;
    }

    /// <summary>The geometric mean; not a number when there is none.</summary>
    public static double GeometricMean(IReadOnlyCollection<double> values) =>
        values.Count == 0 ? double.NaN : Math.Exp(values.Sum(Math.Log) / values.Count);
}

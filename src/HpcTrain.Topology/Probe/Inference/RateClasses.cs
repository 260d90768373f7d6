using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>Measured numbers that differ by noise only become one number, and that a small one.</summary>
internal static class RateClasses
{
    // Idea. On a logarithmic scale, sorted numbers are cut where there is a gap, and where they are spread wider than noise spreads them, at the widest gap. What
    // holds together has the median for its value. Rounded to two digits (steps of 5 between 100 and 200, so that no step is more than 5 %), it is a
    // fraction with a small denominator: planners count in the greatest common part of all bandwidths.
    private static readonly double s_gap = Math.Log(1.12), s_spread = Math.Log(1.4);

    /// <summary>For each number the value of its class, in the order given. The numbers are positive.</summary>
    public static ImmutableArray<double> Of(IReadOnlyList<double> numbers)
    {
        int[] order = [.. Enumerable.Range(0, numbers.Count).OrderBy(index => numbers[index])];
        double[] logs = [.. order.Select(index => Math.Log(numbers[index]))];
        var values = new double[numbers.Count];
        var open = new Stack<(int First, int End)>();
        if (numbers.Count > 0)
            open.Push((0, numbers.Count));
        while (open.TryPop(out (int First, int End) range))
        {
            int cut = range.First;
            for (int at = range.First + 1; at < range.End; at++)
            {
                if (cut == range.First || logs[at] - logs[at - 1] > logs[cut] - logs[cut - 1])
                    cut = at;
            }

            bool isWide = logs[range.End - 1] - logs[range.First] > s_spread;
            if (cut > range.First && (isWide || logs[cut] - logs[cut - 1] > s_gap))
            {
                open.Push((range.First, cut));
                open.Push((cut, range.End));
                continue;
            }

            double median = numbers[order[range.First + ((range.End - range.First) / 2)]];
            for (int at = range.First; at < range.End; at++)
                values[order[at]] = median;
        }

        return [.. values];
    }

    /// <summary>The nearest number of two digits.</summary>
    /// <param name="value">Positive.</param>
    public static Rational Rounded(double value)
    {
        int exponent = (int)Math.Floor(Math.Log10(value)) - 2;
        double digits = value / Math.Pow(10, exponent);
        int step = digits < 200 ? 5 : 10;
        Rational power = (Rational)System.Numerics.BigInteger.Pow(10, Math.Abs(exponent));
        Rational whole = (long)Math.Round(digits / step) * step;
        return exponent < 0 ? whole / power : whole * power;
    }

    /// <summary>The middle one.</summary>
    public static double Median(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

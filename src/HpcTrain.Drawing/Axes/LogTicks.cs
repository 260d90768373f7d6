namespace HpcTrain.Drawing;

/// <summary>Ticks of logarithmic axes.</summary>
internal static class LogTicks
{
    private static readonly int[] _strides = [1, 2, 3, 4, 5, 6, 8, 10, 12, 20, 40, 80, 160, 320, 640, 1280];

    /// <summary>Tick sets at powers of two, from every one to few. The range grows to powers of two.</summary>
    public static IEnumerable<TickSet> Binary(double min, double max, Unit unit)
    {
        int first = (int)Math.Floor(Math.Log2(min) + 1e-9), last = (int)Math.Ceiling(Math.Log2(max) - 1e-9);
        if (first == last)
            (first, last) = (first - 1, last + 1);
        foreach (int stride in Strides(last - first))
            yield return new(Math.Min(min, Math.ScaleB(1, first)), Math.Max(max, Math.ScaleB(1, last)), [.. Multiples(first, last, stride).Select(Power)], []);

        Tick Power(int exponent) => new(Math.ScaleB(1, exponent), unit.FormatTick(Math.ScaleB(1, exponent)));
    }

    /// <summary>
    /// Tick sets at 1, 2 and 5 times the powers of ten, at the powers of ten, then at few of these. The range grows to numbers of the
    /// first kind.
    /// </summary>
    public static IEnumerable<TickSet> Decimal(double min, double max, Unit unit)
    {
        int below = (int)Math.Floor(Math.Log10(min)) - 1, above = (int)Math.Ceiling(Math.Log10(max)) + 1;
        double[] round = [.. Decades(1, 2, 5)];
        double low = round.Last(value => value <= min * (1 + 1e-9)), high = round.First(value => value >= max * (1 - 1e-9));
        if (low == high)
            (low, high) = (round.Last(value => value < low), round.First(value => value > high));
        low = Math.Min(low, min);
        high = Math.Max(high, max);

        yield return new(low, high, [.. round.Where(Inside).Select(Labelled)], []);
        double[] between = [.. Decades(2, 3, 4, 5, 6, 7, 8, 9).Where(Inside)];
        foreach (int stride in Strides(above - below))
        {
            Tick[] powers = [.. Multiples(below, above, stride).Select(TenTo).Where(Inside).Select(Labelled)];
            if (powers.Length > 0) // none lies between 200 and 500
                yield return new(low, high, powers, stride == 1 ? between : []);
        }

        IEnumerable<double> Decades(params int[] digits) =>
            Enumerable.Range(below, above - below + 1).SelectMany(exponent => digits.Select(digit => digit * TenTo(exponent)));
        bool Inside(double value) => value >= low && value <= high;
        Tick Labelled(double value) => new(value, unit.FormatTick(value));
    }

    // Up to the first stride that leaves at most two places.
    private static IEnumerable<int> Strides(int span) =>
        _strides.TakeWhile((_, i) => i == 0 || _strides[i - 1] <= span);

    // From end to end where that comes out even; otherwise counted from zero, so that 1 KiB, 1 MiB and 1 GiB are among the tens.
    private static IEnumerable<int> Multiples(int first, int last, int stride)
    {
        int origin = (last - first) % stride == 0 ? first : 0;
        return Enumerable.Range(first, last - first + 1).Where(exponent => (exponent - origin) % stride == 0);
    }

    // The nearest double to the decimal number, which Math.Pow misses for some negative exponents.
    private static double TenTo(int exponent) => exponent < 0 ? 1 / Math.Pow(10, -exponent) : Math.Pow(10, exponent);
}

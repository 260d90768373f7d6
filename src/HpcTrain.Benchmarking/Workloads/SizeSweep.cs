using System.Globalization;

namespace HpcTrain.Benchmarking;

/// <summary>The sizes of a benchmark, in bytes: from the least to the most, by a factor or by a step.</summary>
/// <param name="Least">The first size.</param>
/// <param name="Most">No size is larger; it is itself one only when the sweep meets it.</param>
/// <param name="Factor">From one size to the next, above 1; ignored when there is a step.</param>
/// <param name="Step">Bytes from one size to the next, above 0; null for a factor.</param>
public sealed record SizeSweep(long Least, long Most, double Factor = 2, long? Step = null)
{
    private const int MostSizes = 10_000;
    private const double BeyondLong = 9223372036854775808;

    /// <summary>Says what is wrong with the sweep, or null.</summary>
    public string? Problem()
    {
        if (Least < 1)
            return "--min-bytes is 0; the smallest size is one element";
        if (Most < Least)
            return $"--max-bytes ({ByteSize.Format(Most)}) is less than --min-bytes ({ByteSize.Format(Least)})";
        if (Step is < 1)
            return "--step-bytes is 0; it needs to be at least 1";
        if (Step == null && !(Factor > 1 && double.IsFinite(Factor)))
            return string.Create(CultureInfo.InvariantCulture, $"--factor is {Factor}; it needs to be greater than 1");
        return Sizes().Skip(MostSizes).Any()
            ? $"there are more than {MostSizes} sizes from {ByteSize.Format(Least)} to {ByteSize.Format(Most)}; take a larger factor or step"
            : null;
    }

    /// <summary>The sizes, ascending.</summary>
    public IEnumerable<long> Sizes()
    {
        for (long size = Least; size <= Most;)
        {
            yield return size;
            double product = Math.Floor(size * Factor);
            Int128 multiple = product >= BeyondLong ? Int128.MaxValue : Int128.Max((Int128)size + 1, (Int128)product);
            Int128 next = Step is { } step ? (Int128)size + step : multiple;
            if (next > Most)
                yield break;
            size = (long)next;
        }
    }
}

using System.Globalization;

namespace HpcTrain.Cli.Tune;

/// <summary>Sizes in bytes as users write them: <c>8</c>, <c>64K</c>, <c>1M</c>, <c>2G</c>, in powers of 1024.</summary>
internal static class ByteSizes
{
    private const string Suffixes = "KMGT";

    /// <summary>Reads a size.</summary>
    /// <returns>False when it is none, or does not fit into 63 bits.</returns>
    public static bool TryParse(string text, out long bytes)
    {
        var plain = text.Trim().ToUpperInvariant();
        var power = plain.Length > 0 ? Suffixes.IndexOf(plain[^1], StringComparison.Ordinal) + 1 : 0;
        var isNumber = long.TryParse(power > 0 ? plain[..^1] : plain, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var fits = isNumber && number <= long.MaxValue >> (10 * power);
        bytes = fits ? number << (10 * power) : 0;
        return fits;
    }

    /// <summary>The shortest exact way to write a size.</summary>
    public static string Format(long bytes)
    {
        var power = 0;
        while (power < Suffixes.Length && bytes != 0 && bytes % 1024 == 0)
            (bytes, power) = (bytes / 1024, power + 1);
        return bytes.ToString(CultureInfo.InvariantCulture) + (power == 0 ? "" : Suffixes[power - 1]);
    }
}

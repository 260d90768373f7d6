using System.Globalization;

namespace HpcTrain.Benchmarking;

/// <summary>Sizes in bytes as users of benchmarks write them: <c>8</c>, <c>64K</c>, <c>256M</c>, <c>1G</c>, in powers of 1024.</summary>
public static class ByteSize
{
    private const string Suffixes = "KMGT";

    /// <summary>Reads a size: a whole number, then K, M, G, T or nothing; <c>KiB</c> and <c>KB</c> mean the same as <c>K</c>.</summary>
    /// <returns>False, and 0, when it is none or does not fit into 63 bits.</returns>
    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        string plain = (text ?? "").Trim().ToUpperInvariant();
        if (plain.EndsWith('B'))
            plain = plain[..^1];
        if (plain.EndsWith('I') && plain.Length > 1 && Suffixes.Contains(plain[^2], StringComparison.Ordinal))
            plain = plain[..^1];
        int power = plain.Length > 0 ? Suffixes.IndexOf(plain[^1], StringComparison.Ordinal) + 1 : 0;
        if (!long.TryParse(power > 0 ? plain[..^1] : plain, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            return false;
        if (number > long.MaxValue >> (10 * power))
            return false;
        bytes = number << (10 * power);
        return true;
    }

    /// <summary>The shortest exact way to write a size: <c>8</c>, <c>64K</c>, <c>1500</c>.</summary>
    public static string Format(long bytes)
    {
        int power = 0;
        while (power < Suffixes.Length && bytes != 0 && bytes % 1024 == 0)
            (bytes, power) = (bytes / 1024, power + 1);
        return bytes.ToString(CultureInfo.InvariantCulture) + (power == 0 ? "" : Suffixes[power - 1]);
    }

    /// <summary>A size for people, rounded: <c>1.5 GiB</c>.</summary>
    public static string Rounded(long bytes)
    {
        double value = bytes;
        int power = 0;
        while (power < Suffixes.Length && value >= 1024)
            (value, power) = (value / 1024, power + 1);
        return power == 0 ? $"{bytes} bytes" : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Suffixes[power - 1]}iB");
    }
}

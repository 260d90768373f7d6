using System.Globalization;

namespace HpcTrain.Drawing;

/// <summary>What the numbers of an axis are, and how they are written: 65536 bytes as <c>64 KiB</c>, 1500 microseconds as <c>1.5 ms</c>.</summary>
public sealed record Unit
{
    private const double Tiny = 1e-6, Huge = 1e9; // beyond these numbers have an exponent
    private static readonly CultureInfo _culture = CultureInfo.InvariantCulture;
    private readonly Prefix[] _prefixes; // ascending

    private Unit(params Prefix[] prefixes) => _prefixes = prefixes;

    /// <summary>Numbers that count something: <c>4,207</c>.</summary>
    public static Unit Count { get; } = new(new Prefix(1, ""));

    /// <summary>Bytes, with binary prefixes: <c>8 B</c>, <c>1 KiB</c>, <c>256 MiB</c>.</summary>
    public static Unit Bytes { get; } = new(new(1, " B"), new(1L << 10, " KiB"), new(1L << 20, " MiB"), new(1L << 30, " GiB"), new(1L << 40, " TiB"));

    /// <summary>Times in microseconds: <c>0.2 us</c>, <c>10 us</c>, <c>1 ms</c>.</summary>
    public static Unit Microseconds { get; } = new(new(1, " us"), new(1e3, " ms"), new(1e6, " s"));

    /// <summary>Times in seconds: <c>10 us</c>, <c>1 ms</c>, <c>47.7 s</c>.</summary>
    public static Unit Seconds { get; } = new(new(1e-6, " us"), new(1e-3, " ms"), new(1, " s"));

    /// <summary>Rates in 10^9 bytes per second: <c>80 kB/s</c>, <c>12 GB/s</c>.</summary>
    public static Unit GigabytesPerSecond { get; } = new(new(1e-6, " kB/s"), new(1e-3, " MB/s"), new(1, " GB/s"), new(1e3, " TB/s"));

    /// <summary>How many times one thing is another: <c>1.30x</c>.</summary>
    public static Unit Ratio { get; } = new(new Prefix(1, "x")) { Decimals = 2 };

    /// <summary>Percent: <c>90.6%</c>.</summary>
    public static Unit Percent { get; } = new(new Prefix(1, "%"));

    /// <summary>Decimals of a value where they are fixed; three significant digits otherwise.</summary>
    private int? Decimals { get; init; }

    /// <summary>What the title of the axis says of the unit; empty where the ticks say it.</summary>
    internal string TitleSuffix { get; private init; } = "";

    /// <summary>A unit of that name, which the title of the axis tells: <c>Unit.Named("images/s")</c>.</summary>
    public static Unit Named(string name) => new(new Prefix(1, "")) { TitleSuffix = $" ({name})" };

    /// <summary>A value with its unit, to three significant digits (ratios: to hundredths).</summary>
    public string Format(double value) => Number(value) + PrefixFor(value).Symbol;

    /// <summary>A value beside others of its axis: without its unit where that is the same for all of them.</summary>
    internal string FormatShort(double value) => _prefixes.Length == 1 ? Number(value) : Format(value);

    /// <summary>The label of a tick that stands alone, as those of logarithmic axes do.</summary>
    internal string FormatTick(double value)
    {
        Prefix prefix = PrefixFor(value);
        return Significant(value / prefix.Factor) + prefix.Symbol;
    }

    /// <summary>The label of one of a row of ticks, which share the prefix of the largest and the decimals of the step.</summary>
    internal string FormatTick(double value, double largest, double step)
    {
        if (value == 0)
            return "0";
        Prefix prefix = PrefixFor(largest);
        double scaled = value / prefix.Factor, scaledStep = step / prefix.Factor;
        if (scaledStep < Tiny || Math.Abs(largest) / prefix.Factor >= Huge)
            return scaled.ToString("0.######e+0", _culture) + prefix.Symbol;
        int decimals = Math.Max(0, (int)Math.Ceiling(-Math.Log10(scaledStep) - 1e-6));
        return Fixed(scaled, decimals) + prefix.Symbol;
    }

    /// <summary>The factor in which linear ticks up to this value count, so that they are round in the prefix that is shown.</summary>
    internal double FactorFor(double largest) => PrefixFor(largest).Factor;

    // A little is added, so that what rounds to the next prefix gets it: 999.9 us is 1 ms.
    private Prefix PrefixFor(double value) =>
        _prefixes.LastOrDefault(prefix => Math.Abs(value) * 1.0005 >= prefix.Factor, value == 0 ? Base : _prefixes[0]);

    private Prefix Base => _prefixes.FirstOrDefault(prefix => prefix.Factor == 1, _prefixes[0]);

    private string Number(double value)
    {
        double scaled = value / PrefixFor(value).Factor;
        return Decimals is { } decimals && Math.Abs(scaled) < Huge ? Fixed(scaled, decimals) : Significant(scaled);
    }

    private static string Fixed(double value, int decimals) => value.ToString("#,##0." + new string('0', decimals), _culture);

    private static string Significant(double value)
    {
        double size = Math.Abs(value);
        if (size is not 0 and (< Tiny or >= Huge))
            return value.ToString("0.##e+0", _culture);
        int decimals = size == 0 ? 0 : Math.Max(0, 2 - (int)Math.Floor(Math.Log10(size)));
        return value.ToString("#,##0." + new string('#', decimals), _culture);
    }

    private sealed record Prefix(double Factor, string Symbol);
}

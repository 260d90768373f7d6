namespace HpcTrain.Drawing;

/// <summary>How values are spread over an axis.</summary>
public enum AxisScale
{
    /// <summary>Equal differences are equally long. Zero is shown unless the values lie close together, far from it.</summary>
    Linear,

    /// <summary>Equal ratios are equally long, with ticks at 1, 2, 5, 10, ... or at powers of ten. Values must be above zero.</summary>
    Log10,

    /// <summary>Equal ratios are equally long, with ticks at powers of two. Values must be above zero.</summary>
    Log2,
}

/// <summary>
/// One axis of a chart. Its range follows the values drawn; a value that has no place on it (not finite, beyond 1e100, on a
/// logarithmic axis not above zero) is left out, and a line has a gap there.
/// </summary>
/// <example><code>Y = Axis.Log("latency", Unit.Microseconds) with { From = 1 }</code></example>
public sealed record Axis
{
    private const double Largest = 1e100, Smallest = 1e-100;

    private Axis(string title, Unit unit, AxisScale scale) => (Title, Unit, Scale) = (title, unit, scale);

    /// <summary>What is measured. Empty for no title.</summary>
    public string Title { get; init; }

    /// <summary>What the numbers are.</summary>
    public Unit Unit { get; init; }

    /// <summary>How values are spread.</summary>
    public AxisScale Scale { get; init; }

    /// <summary>A value that the axis shows in any case, below those drawn.</summary>
    public double? From { get; init; }

    /// <summary>A value that the axis shows in any case, above those drawn.</summary>
    public double? To { get; init; }

    /// <summary>Sizes in bytes at powers of two.</summary>
    public static Axis Bytes(string title) => new(title, Unit.Bytes, AxisScale.Log2);

    /// <summary>A logarithmic axis.</summary>
    public static Axis Log(string title, Unit unit) => new(title, unit, AxisScale.Log10);

    /// <summary>A linear axis.</summary>
    public static Axis Linear(string title, Unit unit) => new(title, unit, AxisScale.Linear);

    internal string FullTitle => Title.Length == 0 ? "" : Title + Unit.TitleSuffix;

    internal bool Shows(double value) => Scale == AxisScale.Linear ? Math.Abs(value) <= Largest : value is >= Smallest and <= Largest;

    /// <summary>The value in the measure in which the axis is even.</summary>
    internal double Even(double value) => Scale == AxisScale.Linear ? value : Math.Log2(value);
}

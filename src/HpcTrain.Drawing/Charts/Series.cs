namespace HpcTrain.Drawing;

/// <summary>How the line of a series is drawn.</summary>
public enum LineStyle
{
    /// <summary>One stroke.</summary>
    Solid,

    /// <summary>Dashes, as for the peers that one is compared with.</summary>
    Dashed,

    /// <summary>Dots, as for models and bounds.</summary>
    Dotted,
}

/// <summary>A point of a line. A coordinate that is not a number leaves a gap in the line.</summary>
/// <param name="X">Its value on the horizontal axis.</param>
/// <param name="Y">Its value on the vertical axis.</param>
public readonly record struct DataPoint(double X, double Y)
{
    /// <summary>A pair is a point: <c>[(8, 1.2), (64, 1.4)]</c>.</summary>
    public static implicit operator DataPoint((double X, double Y) pair) => new(pair.X, pair.Y);
}

/// <summary>One line of a chart.</summary>
/// <param name="Name">What it is called. Series of the same name look the same in all panels of a page.</param>
/// <param name="Points">Its points, in the order in which the line joins them.</param>
public sealed record Series(string Name, IReadOnlyList<DataPoint> Points) : ISeries
{
    /// <summary>How the line is drawn.</summary>
    public LineStyle Line { get; init; }

    /// <summary>The number of its colour in <see cref="Palette.Series"/>, from 0; by default each series has its own.</summary>
    public int? Color { get; init; }
}

/// <summary>One bar of each group of a bar chart.</summary>
/// <param name="Name">What it is called. Series of the same name look the same in all panels of a page.</param>
/// <param name="Values">Its value in each group, in the order of the groups; not a number where it has none.</param>
public sealed record BarSeries(string Name, IReadOnlyList<double> Values) : ISeries
{
    /// <summary>The number of its colour in <see cref="Palette.Series"/>, from 0; by default each series has its own.</summary>
    public int? Color { get; init; }

    LineStyle ISeries.Line => LineStyle.Solid;
}

/// <summary>What lines and bars have in common.</summary>
internal interface ISeries
{
    string Name { get; }

    int? Color { get; }

    LineStyle Line { get; }
}

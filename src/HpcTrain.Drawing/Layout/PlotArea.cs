namespace HpcTrain.Drawing;

/// <summary>
/// The rectangle in which values are drawn, with its vertical axis, and what both kinds of chart draw around it: grid, ticks, titles.
/// </summary>
internal sealed record PlotArea(Box Box, AxisLayout Y)
{
    public const double TickGap = 8, TickRow = 24, TitleRow = 20;
    public const double Inset = 7;
    private const double LabelDistance = 2.4, TickLength = 4;

    /// <summary>The room between the upper edge and the greatest value.</summary>
    public double Top { get; init; } = Inset;

    /// <summary>The room between the least value and the lower edge.</summary>
    public double Bottom { get; init; } = Inset;

    /// <summary>A vertical axis of that length, before its place from left to right is known.</summary>
    public static AxisLayout LayoutY(Axis axis, IEnumerable<double> values, double length) =>
        AxisLayout.Create(axis, values, (fraction, _) =>
        {
            double middle = fraction * length, half = TextStyle.Tick.Size * LabelDistance / 2;
            return new(middle - half, middle + half);
        });

    /// <summary>The room that the labels of a vertical axis need to the left of the plot.</summary>
    public static double LabelWidth(AxisLayout y) =>
        TickGap + y.Set.Ticks.Select(tick => TextMeasure.Width(tick.Label, TextStyle.Tick)).DefaultIfEmpty().Max();

    /// <summary>The height at which a value is drawn.</summary>
    public double YAt(double value) => Box.Bottom - Bottom - (Y.Fraction(value) * (Box.Height - Bottom - Top));

    /// <summary>Draws what lies behind the values: horizontal grid lines, labels, the title of the vertical axis from <paramref name="left"/> on.</summary>
    public void DrawBack(SvgWriter svg, double left, double right)
    {
        svg.Element("rect", ("x", Box.X), ("y", Box.Y), ("width", Box.Width), ("height", Box.Height), ("fill", "none"), ("class", Paint.Plot));
        string title = TextMeasure.Shorten(Y.Axis.FullTitle, right - left, TextStyle.Tick);
        if (title.Length > 0)
            svg.Text(left, Box.Y - TickGap, title, TextStyle.Tick);
        foreach (Tick tick in Y.Set.Ticks)
        {
            double y = YAt(tick.Value);
            Line(svg, Box.X, y, Box.Right, y, Paint.Grid);
            svg.Text(Box.X - TickGap, TextStyle.Tick.BaselineAround(y), tick.Label, TextStyle.Tick with { Anchor = TextAnchor.End });
        }
        foreach (double value in Y.Set.Between)
            Line(svg, Box.X - TickLength, YAt(value), Box.X, YAt(value), Paint.Axis);
    }

    /// <summary>Draws the lower edge and the title of the horizontal axis.</summary>
    public void DrawFoot(SvgWriter svg, string title, double left, double right)
    {
        Line(svg, Box.X, Box.Bottom, Box.Right, Box.Bottom, Paint.Axis);
        TextStyle style = TextStyle.Tick with { Anchor = TextAnchor.Middle };
        string shown = TextMeasure.Shorten(title, right - left, style);
        if (shown.Length == 0)
            return;
        double half = TextMeasure.Width(shown, style) / 2;
        double middle = Math.Clamp(Box.X + (Box.Width / 2), left + half, Math.Max(left + half, right - half));
        svg.Text(middle, Box.Bottom + TickRow + TitleRow - 5, shown, style);
    }

    public static void Line(SvgWriter svg, double x1, double y1, double x2, double y2, string paint, double width = 1, string? dashes = null) =>
        svg.Element("path", ("d", SvgWriter.PathThrough([(x1, y1), (x2, y2)])), ("fill", "none"), ("stroke-width", width),
            ("stroke-dasharray", dashes), ("class", paint));
}

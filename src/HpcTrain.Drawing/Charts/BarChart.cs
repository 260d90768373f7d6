namespace HpcTrain.Drawing;

/// <summary>A value to compare with, drawn as a line across a bar chart.</summary>
/// <param name="Value">Where the line lies.</param>
/// <param name="Label">What it is called; written beside the plot.</param>
public sealed record ReferenceLine(double Value, string Label);

/// <summary>Groups of bars, one bar per series in each group, with their values above them.</summary>
/// <example><code>
/// string svg = new BarChart
/// {
///     Title = "Bus bandwidth beside Open MPI",
///     Y = Axis.Linear("", Unit.Ratio),
///     Groups = ["8 B", "64 KiB", "128 MiB"],
///     Series = [new BarSeries("ring", [0.91, 1.12, 1.48])],
///     Reference = new ReferenceLine(1, "parity"),
/// }.ToSvg();
/// </code></example>
public sealed record BarChart : Chart
{
    private const double MarginRight = 8, WidestReference = 0.25, ValueGap = 5, ValueRoom = 14, NameGap = 8, NameLine = 15;
    private const int MostNameLines = 3;
    private static readonly double[] _valueSizes = [12, 11, 10, 9];

    /// <summary>
    /// The axis of the values. Bars begin at zero, which a linear axis always shows; on a logarithmic one they begin at its lower end.
    /// </summary>
    public required Axis Y { get; init; }

    /// <summary>The names of the groups, from left to right.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>What the bars of a group are. Values beyond the last group are not drawn.</summary>
    public required IReadOnlyList<BarSeries> Series { get; init; }

    /// <summary>A value to compare with. The axis shows it.</summary>
    public ReferenceLine? Reference { get; init; }

    internal override IReadOnlyList<ISeries> AllSeries => Series;

    internal override string Summary
    {
        get
        {
            string what = Y.FullTitle.Length > 0 ? $" of {Y.FullTitle}" : "";
            return $"Bar chart{what}: {string.Join(", ", Series.Select(series => series.Name))} for {string.Join(", ", Groups)}.";
        }
    }

    private protected override LegendSample Sample => LegendSample.Box;

    private double HeightAbove => Y.FullTitle.Length > 0 ? PlotArea.TitleRow + 4 : PlotArea.TickGap;

    private ReferenceLine? ShownReference => Reference is { } line && Y.Shows(line.Value) ? line : null;

    private double[] Values => [.. Series.SelectMany(series => series.Values.Take(Groups.Count)).Where(Y.Shows)];

    internal override double LeastHeight(double width) => HeightAbove + LeastPlotHeight + FootHeight(MostNameLines);

    internal override void DrawPlot(SvgWriter svg, Box area, SeriesLooks looks, SeriesLabels labels)
    {
        // The ticks are chosen for the least height that the names of the groups may leave, before their number of lines is known.
        double top = PlotArea.Inset + ValueRoom, bottom = Values.Any(value => value < 0) ? top : 0;
        AxisLayout y = PlotArea.LayoutY(Y, ValuesOnAxis(), area.Height - HeightAbove - FootHeight(MostNameLines) - top - bottom);
        string reference = TextMeasure.Shorten(ShownReference?.Label ?? "", area.Width * WidestReference, TextStyle.Label);
        double left = PlotArea.LabelWidth(y), right = MarginRight + TextMeasure.Width(reference, TextStyle.Label);
        double width = area.Width - left - right;
        var places = new BarPlaces(area.X + left, width / Math.Max(1, Groups.Count), Series.Count);
        IReadOnlyList<string>[] names = [.. Groups.Select((name, group) => WrapName(name, group, places))];
        double foot = FootHeight(names.Select(lines => lines.Count).DefaultIfEmpty().Max());
        var box = new Box(places.Left, area.Y + HeightAbove, width, area.Height - HeightAbove - foot);
        var plot = new PlotArea(box, y) { Top = top, Bottom = bottom };

        plot.DrawBack(svg, area.X, area.Right);
        for (int group = 0; group < Groups.Count; group++)
        {
            DrawName(svg, names[group], Groups[group], places.GroupMiddle(group), box.Bottom);
            for (int i = 0; i < Series.Count; i++)
                DrawBar(svg, plot, Series[i], group, places.BarMiddle(group, i) - (places.Bar / 2), places.Bar, looks);
        }
        plot.DrawFoot(svg, "", area.X, area.Right);
        if (y.Set.Low < 0)
            PlotArea.Line(svg, box.X, plot.YAt(0), box.Right, plot.YAt(0), Paint.Axis);
        if (ShownReference is { } shown)
        {
            double at = plot.YAt(shown.Value);
            PlotArea.Line(svg, box.X, at, box.Right, at, Paint.Ink, 1.25, "5 4");
            svg.Text(box.Right + MarginRight, TextStyle.Label.BaselineAround(at), reference, TextStyle.Label);
        }
        DrawValues(svg, plot, places);
    }

    private protected override bool NeedsNoLegend(Box area) => Series.Count <= 1;

    private protected override bool HasData(ISeries series) => ((BarSeries)series).Values.Take(Groups.Count).Any(Y.Shows);

    private static double FootHeight(int lines) => NameGap + (lines * NameLine);

    private static IReadOnlyList<string> WrapName(string name, int group, BarPlaces places)
    {
        if (group % places.NameStride != 0)
            return [];
        double width = (places.Pitch * places.NameStride) - 6;
        IReadOnlyList<string> lines = TextMeasure.Wrap(name, width, TextStyle.Tick);
        return lines.Count <= MostNameLines
            ? lines
            : [.. lines.Take(MostNameLines - 1), TextMeasure.Shorten(string.Concat(lines.Skip(MostNameLines - 1)), width, TextStyle.Tick)];
    }

    private static void DrawName(SvgWriter svg, IReadOnlyList<string> lines, string name, double middle, double top)
    {
        if (lines.Count == 0)
            return;
        using SvgWriter.Scope group = svg.Begin("g");
        svg.Tooltip(name);
        for (int i = 0; i < lines.Count; i++)
            svg.Text(middle, top + NameGap + ((i + 1) * NameLine) - 4, lines[i], TextStyle.Tick with { Anchor = TextAnchor.Middle });
    }

    // The lowest bar of a logarithmic axis must be seen too.
    private IEnumerable<double> ValuesOnAxis() =>
        [.. Values, ShownReference?.Value ?? double.NaN, Y.Scale == AxisScale.Linear ? 0 : Values.DefaultIfEmpty(double.NaN).Min() / 2];

    private static double ValueAt(BarSeries series, int group) => group < series.Values.Count ? series.Values[group] : double.NaN;

    private void DrawBar(SvgWriter svg, PlotArea plot, BarSeries series, int group, double left, double width, SeriesLooks looks)
    {
        double value = ValueAt(series, group);
        if (!Y.Shows(value))
            return;
        double from = plot.YAt(Y.Scale == AxisScale.Linear ? 0 : plot.Y.Set.Low), to = plot.YAt(value);
        using SvgWriter.Scope bar = svg.Begin("rect", ("x", left), ("y", Math.Min(from, to)), ("width", width), ("height", Math.Abs(from - to)),
            ("class", looks[series].Fill));
        svg.Tooltip($"{series.Name}, {Groups[group]}: {Y.Unit.Format(value)}");
    }

    // In the largest size in which no two of them touch; in none if they would have to be smaller than can be read.
    private void DrawValues(SvgWriter svg, PlotArea plot, BarPlaces places)
    {
        double widest = Values.Select(value => TextMeasure.Width(Y.Unit.FormatShort(value), new TextStyle(1))).DefaultIfEmpty().Max();
        double size = _valueSizes.FirstOrDefault(size => size * widest <= places.Distance - 3);
        if (size == 0)
            return;
        var style = new TextStyle(size, Anchor: TextAnchor.Middle);
        using SvgWriter.Scope halo = svg.Begin("g", ("class", Paint.Halo), ("stroke-width", 3), ("paint-order", "stroke"));
        for (int group = 0; group < Groups.Count; group++)
        {
            for (int i = 0; i < Series.Count; i++)
            {
                double value = ValueAt(Series[i], group);
                if (Y.Shows(value))
                    svg.Text(places.BarMiddle(group, i), ValueBaseline(plot, value, size * 0.75), Y.Unit.FormatShort(value), style);
            }
        }
    }

    // Above the bar, or below it if it hangs down; beyond the reference line where that would run through the digits.
    private double ValueBaseline(PlotArea plot, double value, double digits)
    {
        bool below = value < 0;
        double end = plot.YAt(value), baseline = below ? end + ValueGap + digits : end - ValueGap;
        if (ShownReference is not { } reference)
            return baseline;
        double line = plot.YAt(reference.Value);
        return line < baseline - digits - 3 || line > baseline + 3 ? baseline : below ? line + ValueGap + digits : line - ValueGap;
    }
}

namespace HpcTrain.Drawing;

/// <summary>Where the names of the series stand.</summary>
public enum SeriesLabels
{
    /// <summary>At the ends of at most 8 lines, where these end together and the names have room; otherwise in a legend.</summary>
    LineEnds,

    /// <summary>In a legend above the plot.</summary>
    Legend,
}

/// <summary>Lines over two axes, each of which is linear or logarithmic.</summary>
/// <example><code>
/// string svg = new LineChart
/// {
///     Title = "Allreduce latency",
///     X = Axis.Bytes("message size"),
///     Y = Axis.Log("latency", Unit.Microseconds),
///     Series = [new Series("ring", [(8, 3.1), (1024, 4.2), (1048576, 310)]), new Series("Open MPI", peer) { Line = LineStyle.Dashed }],
/// }.ToSvg();
/// </code></example>
public sealed record LineChart : Chart
{
    private const double InsetX = 10, LabelGap = 14, LabelDistance = 15, MarginRight = 16, WidestLabels = 0.35;
    private const int MostMarkers = 50, MarkersOfLongLines = 12, MostNames = 8;

    /// <summary>The horizontal axis.</summary>
    public required Axis X { get; init; }

    /// <summary>The vertical axis.</summary>
    public required Axis Y { get; init; }

    /// <summary>The lines. One without points is named "(no data)" in the legend.</summary>
    public required IReadOnlyList<Series> Series { get; init; }

    /// <summary>Where the names of the series stand. The panels of a page share the page's legend.</summary>
    public SeriesLabels Labels { get; init; }

    internal override IReadOnlyList<ISeries> AllSeries => Series;

    internal override string Summary =>
        $"Line chart of {Or(Y.FullTitle, "y")} against {Or(X.FullTitle, "x")}: {string.Join(", ", Series.Select(series => series.Name))}.";

    private protected override LegendSample Sample => LegendSample.Line;

    private double HeightAbove => Y.FullTitle.Length > 0 ? PlotArea.TitleRow + 4 : PlotArea.TickGap;

    private double HeightBelow => PlotArea.TickRow + (X.FullTitle.Length > 0 ? PlotArea.TitleRow : 0);

    internal override double LeastHeight(double width) => HeightAbove + LeastPlotHeight + HeightBelow;

    internal override void DrawPlot(SvgWriter svg, Box area, SeriesLooks looks, SeriesLabels labels)
    {
        // The height is known first, then the width of the labels to the left, then what remains for the plot.
        double height = area.Height - HeightAbove - HeightBelow;
        AxisLayout y = PlotArea.LayoutY(Y, Series.SelectMany(Shown).Select(point => point.Y), height - (2 * PlotArea.Inset));
        double left = PlotArea.LabelWidth(y), right = labels == SeriesLabels.LineEnds ? LabelGap + NamesWidth : MarginRight;
        var box = new Box(area.X + left, area.Y + HeightAbove, area.Width - left - right, height);
        AxisLayout x = AxisLayout.Create(X, Series.SelectMany(Shown).Select(point => point.X), (fraction, label) => TickSpan(box, area, fraction, label));
        // An axis that starts at zero stands on the lower edge; otherwise the markers of the lowest values need room.
        var plot = new PlotArea(box, y) { Bottom = Y.Scale == AxisScale.Linear && y.Set.Low == 0 ? 0 : PlotArea.Inset };

        DrawVerticalGrid(svg, box, area, x);
        plot.DrawBack(svg, area.X, area.Right);
        plot.DrawFoot(svg, X.FullTitle, area.X, area.Right);
        if (!Series.SelectMany(Shown).Any())
            svg.Text(box.X + (box.Width / 2), box.Y + (box.Height / 2), "no data", TextStyle.Label with { Paint = Paint.Muted, Anchor = TextAnchor.Middle });
        foreach (Series series in Series)
            DrawLine(svg, series, looks[series], Place);
        for (int i = 0; i < Series.Count; i++)
            DrawMarkers(svg, Series[i], i, looks[Series[i]], Place);
        if (labels == SeriesLabels.LineEnds)
            DrawNames(svg, box, looks, Place);

        (double X, double Y) Place(DataPoint point) => (XAt(box, x.Fraction(point.X)), plot.YAt(point.Y));
    }

    private protected override bool NeedsNoLegend(Box area)
    {
        if (Labels != SeriesLabels.LineEnds || Series.Count is 0 or > MostNames || !Series.All(HasData))
            return false;
        double[] all = [.. Series.SelectMany(Shown).Select(point => X.Even(point.X))];
        bool endTogether = Series.All(series => X.Even(Shown(series).Last().X) >= all.Max() - (0.02 * (all.Max() - all.Min())));
        return endTogether
            && NamesWidth <= area.Width * WidestLabels
            && (Series.Count - 1) * LabelDistance <= area.Height - HeightAbove - HeightBelow - LabelDistance;
    }

    private protected override bool HasData(ISeries series) => Shown((Series)series).Any();

    private double NamesWidth => Series.Max(series => TextMeasure.Width(series.Name, TextStyle.Label));

    private static double XAt(Box plot, double fraction) => plot.X + InsetX + (fraction * (plot.Width - (2 * InsetX)));

    private static string Or(string title, string other) => title.Length > 0 ? title : other;

    // A label at the end of the axis is moved inwards as far as the area of the chart demands.
    private static double LabelMiddle(Box plot, Box area, double fraction, string label)
    {
        double half = TextMeasure.Width(label, TextStyle.Tick) / 2;
        return Math.Clamp(XAt(plot, fraction), area.X + half, Math.Max(area.X + half, area.Right - half));
    }

    private static LabelSpan TickSpan(Box plot, Box area, double fraction, string label)
    {
        double middle = LabelMiddle(plot, area, fraction, label), half = (TextMeasure.Width(label, TextStyle.Tick) + TextStyle.Tick.Size) / 2;
        return new(middle - half, middle + half);
    }

    private static void DrawVerticalGrid(SvgWriter svg, Box box, Box area, AxisLayout x)
    {
        TextStyle style = TextStyle.Tick with { Anchor = TextAnchor.Middle };
        foreach (Tick tick in x.Set.Ticks)
        {
            double at = x.Fraction(tick.Value);
            PlotArea.Line(svg, XAt(box, at), box.Y, XAt(box, at), box.Bottom, Paint.Grid);
            svg.Text(LabelMiddle(box, area, at, tick.Label), box.Bottom + PlotArea.TickRow - 6, tick.Label, style);
        }
        foreach (double value in x.Set.Between)
            PlotArea.Line(svg, XAt(box, x.Fraction(value)), box.Bottom, XAt(box, x.Fraction(value)), box.Bottom + 4, Paint.Axis);
    }

    private void DrawLine(SvgWriter svg, Series series, SeriesLook look, Func<DataPoint, (double X, double Y)> place)
    {
        foreach (DataPoint[] run in Runs(series).Where(run => run.Length > 1))
        {
            svg.Element("path", ("d", SvgWriter.PathThrough(run.Select(place))), ("fill", "none"), ("stroke-width", SeriesLook.LineWidth),
                ("stroke-linejoin", "round"), ("stroke-linecap", "round"), ("stroke-dasharray", look.Dashes), ("class", look.Stroke));
        }
    }

    // Of a long line some points are marked, at other places than those of the other lines, and all that no line shows.
    private void DrawMarkers(SvgWriter svg, Series series, int index, SeriesLook look, Func<DataPoint, (double X, double Y)> place)
    {
        int count = Shown(series).Count(), stride = count <= MostMarkers ? 1 : count / MarkersOfLongLines;
        int number = stride - 1 - (index * stride / Series.Count);
        foreach (DataPoint[] run in Runs(series))
        {
            foreach (DataPoint point in run)
            {
                if (number++ % stride != 0 && run.Length > 1)
                    continue;
                (double x, double y) = place(point);
                Markers.Draw(svg, x, y, look, $"{series.Name}, {X.Unit.Format(point.X)}: {Y.Unit.Format(point.Y)}");
            }
        }
    }

    private void DrawNames(SvgWriter svg, Box box, SeriesLooks looks, Func<DataPoint, (double X, double Y)> place)
    {
        (double X, double Y)[] ends = [.. Series.Select(series => place(Shown(series).Last()))];
        double half = LabelDistance / 2;
        double[] middles = LabelSpread.Place([.. ends.Select(end => end.Y)], LabelDistance, box.Y + half, box.Bottom - half);
        for (int i = 0; i < ends.Length; i++)
        {
            double x = box.Right + LabelGap;
            PlotArea.Line(svg, ends[i].X, ends[i].Y, x - 3, middles[i], looks[Series[i]].Stroke);
            svg.Text(x, TextStyle.Label.BaselineAround(middles[i]), Series[i].Name, TextStyle.Label);
        }
    }

    private IEnumerable<DataPoint> Shown(Series series) => series.Points.Where(IsShown);

    private bool IsShown(DataPoint point) => X.Shows(point.X) && Y.Shows(point.Y);

    // The stretches between gaps.
    private IEnumerable<DataPoint[]> Runs(Series series)
    {
        var run = new List<DataPoint>();
        foreach (DataPoint point in series.Points)
        {
            if (IsShown(point))
            {
                run.Add(point);
                continue;
            }
            if (run.Count > 0)
                yield return [.. run];
            run.Clear();
        }
        if (run.Count > 0)
            yield return [.. run];
    }
}

namespace HpcTrain.Drawing;

/// <summary>A figure with one plot. It can stand alone or be a panel of a <see cref="ChartPage"/>.</summary>
public abstract record Chart : Figure
{
    private protected const double LeastPlotHeight = 120;

    /// <summary>
    /// The natural height, in CSS pixels. It grows where heading, legend and axes would leave the plot less than 120 pixels.
    /// </summary>
    public double Height { get; init; } = 420;

    internal abstract IReadOnlyList<ISeries> AllSeries { get; }

    /// <summary>What the chart shows, in a sentence.</summary>
    internal abstract string Summary { get; }

    private protected abstract LegendSample Sample { get; }

    internal IEnumerable<LegendEntry> LegendEntries(SeriesLooks looks) =>
        AllSeries.Select(series => new LegendEntry(series.Name, looks[series], Sample, HasData(series)));

    /// <summary>The height that the plot area needs with its axes and a plot of the least height.</summary>
    internal abstract double LeastHeight(double width);

    /// <summary>Draws axes and values, without a legend.</summary>
    internal abstract void DrawPlot(SvgWriter svg, Box area, SeriesLooks looks, SeriesLabels labels);

    /// <summary>Whether the series are told apart without a legend, in an area of that size.</summary>
    private protected abstract bool NeedsNoLegend(Box area);

    /// <summary>Whether anything of the series is drawn.</summary>
    private protected abstract bool HasData(ISeries series);

    private protected override string Describe() => Summary;

    private protected override double BodyHeight(double width, double around)
    {
        double height = Math.Max(Height - around, LeastHeight(width));
        return NeedsNoLegend(new Box(0, 0, width, height)) ? height : Math.Max(height, LeastHeight(width) + MakeLegend(width).Height);
    }

    private protected override void DrawBody(SvgWriter svg, Box area)
    {
        var looks = new SeriesLooks(AllSeries);
        if (NeedsNoLegend(area))
        {
            DrawPlot(svg, area, looks, SeriesLabels.LineEnds);
            return;
        }
        Legend legend = MakeLegend(area.Width);
        legend.Draw(svg, area.X, area.Y);
        DrawPlot(svg, area.Below(legend.Height), looks, SeriesLabels.Legend);
    }

    private Legend MakeLegend(double width) => new(LegendEntries(new SeriesLooks(AllSeries)), width);
}

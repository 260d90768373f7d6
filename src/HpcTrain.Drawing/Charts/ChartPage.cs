namespace HpcTrain.Drawing;

/// <summary>
/// Charts beside and below each other under one heading and one legend. A series has the same look in all panels. The width of the
/// panels follows from the page's; each keeps its own height, and panels that stand beside each other take the height of the highest.
/// </summary>
/// <example><code>
/// string svg = new ChartPage { Title = "Allreduce", Width = 960, Panels = [latency, bandwidth] }.ToSvg();
/// </code></example>
public sealed record ChartPage : Figure
{
    private const double GapX = 32, GapY = 24, LeastPanelWidth = 260;

    /// <summary>The charts, row by row. Their titles and subtitles stand above them; their notes and widths are not used.</summary>
    public required IReadOnlyList<Chart> Panels { get; init; }

    /// <summary>How many panels stand beside each other; fewer where they would be narrower than 260 pixels.</summary>
    public int Columns { get; init; } = 2;

    private protected override string Describe() => string.Join(" ", Panels.Select(panel => $"{panel.Title}: {panel.Summary}"));

    private protected override double BodyHeight(double width, double around)
    {
        double[] rows = RowHeights(width);
        return MakeLegend(width).Height + rows.Sum() + (Math.Max(0, rows.Length - 1) * GapY);
    }

    private protected override void DrawBody(SvgWriter svg, Box area)
    {
        Legend legend = MakeLegend(area.Width);
        legend.Draw(svg, area.X, area.Y);
        int columns = ColumnsIn(area.Width);
        double width = PanelWidth(area.Width), top = area.Y + legend.Height;
        double[] heights = RowHeights(area.Width);
        SeriesLooks looks = Looks();
        for (int i = 0; i < Panels.Count; i++)
        {
            int row = i / columns, column = i % columns;
            double y = top + heights.Take(row).Sum() + (row * GapY);
            DrawPanel(svg, Panels[i], new Box(area.X + (column * (width + GapX)), y, width, heights[row]), looks);
        }
    }

    private static void DrawPanel(SvgWriter svg, Chart panel, Box box, SeriesLooks looks)
    {
        using SvgWriter.Scope group = svg.Begin("g", ("aria-label", panel.Title));
        Heading heading = HeadingOf(panel, box.Width);
        heading.Draw(svg, box.X, box.Y);
        panel.DrawPlot(svg, box.Below(heading.Height), looks, SeriesLabels.Legend);
    }

    private static Heading HeadingOf(Chart panel, double width) => new(panel.Title, TextStyle.PanelTitle, panel.Subtitle, width);

    private SeriesLooks Looks() => new(Panels.SelectMany(panel => panel.AllSeries));

    private Legend MakeLegend(double width)
    {
        SeriesLooks looks = Looks();
        return new Legend(Panels.SelectMany(panel => panel.LegendEntries(looks)), width);
    }

    private int ColumnsIn(double width) =>
        Math.Clamp(Math.Min(Columns, Panels.Count), 1, Math.Max(1, (int)((width + GapX) / (LeastPanelWidth + GapX))));

    private double PanelWidth(double width) => (width - ((ColumnsIn(width) - 1) * GapX)) / ColumnsIn(width);

    private double[] RowHeights(double width)
    {
        double each = PanelWidth(width);
        return [.. Panels.Chunk(ColumnsIn(width)).Select(row => row.Max(panel =>
            Math.Max(panel.Height, HeadingOf(panel, each).Height + panel.LeastHeight(each))))];
    }
}

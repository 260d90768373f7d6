namespace HpcTrain.Drawing;

/// <summary>An entry of a legend.</summary>
/// <param name="Name">The name of the series.</param>
/// <param name="Look">How it looks.</param>
/// <param name="Sample">What the legend shows of it.</param>
/// <param name="HasData">Whether anything of it is drawn; the legend tells where not.</param>
internal sealed record LegendEntry(string Name, SeriesLook Look, LegendSample Sample, bool HasData);

/// <summary>What stands before a name in a legend.</summary>
internal enum LegendSample
{
    Line,
    Box,
}

/// <summary>The names of the series in rows, above the plot, where no line can cross them.</summary>
internal sealed class Legend
{
    private const double RowHeight = 20, Gap = 22, SpaceBelow = 8, LineWidth = 36, BoxWidth = 14, SampleGap = 7;
    private static readonly TextStyle _style = TextStyle.Label;
    private readonly List<(LegendEntry Entry, string Text, double X, int Row)> _places = [];
    private readonly int _rows;

    public Legend(IEnumerable<LegendEntry> entries, double width)
    {
        double x = 0;
        foreach (IGrouping<string, LegendEntry> same in entries.GroupBy(entry => entry.Name))
        {
            LegendEntry entry = same.First() with { Name = same.Any(one => one.HasData) ? same.Key : $"{same.Key} (no data)" };
            double sample = WidthOf(entry.Sample) + SampleGap;
            string text = TextMeasure.Shorten(entry.Name, width - sample, _style);
            double needed = sample + TextMeasure.Width(text, _style);
            if (x > 0 && x + needed > width)
            {
                x = 0;
                _rows++;
            }
            _places.Add((entry, text, x, _rows));
            x += needed + Gap;
        }
        if (_places.Count > 0)
            _rows++;
    }

    public double Height => _rows == 0 ? 0 : (_rows * RowHeight) + SpaceBelow;

    public void Draw(SvgWriter svg, double left, double top)
    {
        foreach ((LegendEntry entry, string text, double x, int row) in _places)
        {
            double middle = top + ((row + 0.5) * RowHeight), start = left + x;
            using SvgWriter.Scope group = svg.Begin("g");
            if (text != entry.Name)
                svg.Tooltip(entry.Name);
            DrawSample(svg, entry, start, middle);
            svg.Text(start + WidthOf(entry.Sample) + SampleGap, _style.BaselineAround(middle), text, _style);
        }
    }

    private static double WidthOf(LegendSample sample) => sample == LegendSample.Line ? LineWidth : BoxWidth;

    private static void DrawSample(SvgWriter svg, LegendEntry entry, double left, double middle)
    {
        if (entry.Sample == LegendSample.Box)
        {
            svg.Element("rect", ("x", left), ("y", middle - 6), ("width", BoxWidth), ("height", 12), ("rx", 2), ("class", entry.Look.Fill));
            return;
        }
        PlotArea.Line(svg, left, middle, left + LineWidth, middle, entry.Look.Stroke, SeriesLook.LineWidth, entry.Look.Dashes);
        Markers.Draw(svg, left + (LineWidth / 2), middle, entry.Look);
    }
}

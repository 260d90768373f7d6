using System.Globalization;
using HpcTrain.Drawing;

namespace HpcTrain.Collectives.Drawings;

/// <summary>An entry of the legend.</summary>
/// <param name="Chip">The text in its chip; null for an entry without one.</param>
/// <param name="Kind">How the chip looks.</param>
/// <param name="Text">What it says.</param>
internal sealed record LegendItem(string? Chip, ChipKind Kind, string Text);

/// <summary>The name of a schedule, its cost, and the legend, broken into lines.</summary>
internal sealed class DrawingHeader
{
    private const double LegendRow = 28, LegendGap = 22, ChipSpace = 8;
    private static readonly TextStyle s_title = new(18, Weight: TextWeight.Bold), s_subtitle = new(13, Paint.Muted), s_legend = new(12);

    private readonly List<(string Text, TextStyle Style)> _lines = [];
    private readonly List<(LegendItem Item, double X, int Row)> _legend = [];
    private readonly ChipPainter? _chips;

    public DrawingHeader(ScheduleTimeline timeline, double width, IEnumerable<LegendItem> legend, ChipPainter? chips)
    {
        VerificationReport report = timeline.Report;
        string steps = report.Steps == 1 ? "1 step" : $"{report.Steps} steps", reduces = timeline.Schedule.Collective.Reduces()
            ? string.Create(CultureInfo.InvariantCulture, $" and reduces {report.ReducedShare:0.###}") : "";
        Add($"{timeline.Schedule}", s_title);
        Add(string.Create(CultureInfo.InvariantCulture, $"{steps}; the busiest rank sends {report.SentShare:0.###}{reduces} of the buffer"), s_subtitle);
        _chips = chips;
        double x = 0;
        int row = 0;
        foreach (LegendItem item in legend)
        {
            double needed = ChipRoom(item) + TextMeasure.Width(item.Text, s_legend);
            if (x > 0 && x + needed > width)
                (x, row) = (0, row + 1);
            _legend.Add((item, x, row));
            x += needed + LegendGap;
        }

        void Add(string text, TextStyle style) => _lines.AddRange(TextMeasure.Wrap(text, width, style).Select(line => (line, style)));
    }

    public double Height => _lines.Sum(line => line.Style.Size * 1.35) + 10 + (_legend.Count == 0 ? 0 : (_legend[^1].Row + 1) * LegendRow) + 14;

    public void Draw(SvgWriter svg, double left, double top)
    {
        foreach ((string text, TextStyle style) in _lines)
        {
            top += style.Size * 1.35;
            svg.Text(left, top - (style.Size * 0.35), text, style);
        }

        top += 10;
        foreach ((LegendItem item, double x, int row) in _legend)
        {
            double y = top + (row * LegendRow);
            if (item.Chip is { } chip)
                _chips!.Draw(svg, left + x + (_chips.Width / 2), y, chip, item.Kind, 0);
            svg.Text(left + x + ChipRoom(item), y + 14, item.Text, s_legend);
        }
    }

    private double ChipRoom(LegendItem item) => item.Chip is null ? 0 : _chips!.Width + ChipSpace;
}

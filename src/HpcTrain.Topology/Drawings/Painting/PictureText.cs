using System.Globalization;
using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>An entry of the legend: a sample of so much width, and what it says.</summary>
internal sealed record LegendEntry(string Text, double SampleWidth, Action<SvgWriter, double, double> Sample);

/// <summary>What stands above and below the picture, broken into lines: title, what there is, the legend, what limits a plan.</summary>
internal sealed class PictureText
{
    private const double EntryGap = 24, EntryHeight = 26, SampleGap = 8;

    private const int MostNoteLines = 4;

    private static readonly TextStyle s_title = new(18, Weight: TextWeight.Bold), s_subtitle = new(13, Paint.Muted), s_entry = new(12), s_note = new(12, Paint.Muted);

    private readonly (string Text, TextStyle Style)[] _head;
    private readonly List<(LegendEntry Entry, string Text, double X, int Row)> _legend = [];
    private readonly string[] _notes;

    public PictureText(double width, string title, string subtitle, IEnumerable<LegendEntry> legend, IEnumerable<string> notes)
    {
        _head = [.. TextMeasure.Wrap(title, width, s_title).Select(line => (line, s_title)), .. TextMeasure.Wrap(subtitle, width, s_subtitle).Select(line => (line, s_subtitle))];
        double x = 0;
        int row = 0;
        foreach (LegendEntry entry in legend)
        {
            string text = TextMeasure.Shorten(entry.Text, width - entry.SampleWidth - SampleGap, s_entry);
            double needed = entry.SampleWidth + SampleGap + TextMeasure.Width(text, s_entry);
            if (x > 0 && x + needed > width)
                (x, row) = (0, row + 1);
            _legend.Add((entry, text, x, row));
            x += needed + EntryGap;
        }

        _notes = [.. notes.SelectMany(note => Few(TextMeasure.Wrap(note, width, s_note)))];
    }

    public double HeadHeight => _head.Sum(line => line.Style.Size * 1.4) + 16;

    public double FootHeight => ((_legend.Count == 0 ? 0 : _legend[^1].Row + 1) * EntryHeight) + (_notes.Length * s_note.Size * 1.4) + 16;

    public void DrawHead(SvgWriter svg, double left, double top)
    {
        foreach ((string text, TextStyle style) in _head)
        {
            top += style.Size * 1.4;
            svg.Text(left, top - (style.Size * 0.35), text, style);
        }
    }

    public void DrawFoot(SvgWriter svg, double left, double top)
    {
        top += 16;
        foreach ((LegendEntry entry, string text, double x, int row) in _legend)
        {
            double middle = top + ((row + 0.5) * EntryHeight);
            entry.Sample(svg, left + x, middle);
            svg.Text(left + x + entry.SampleWidth + SampleGap, middle + 4, text, s_entry);
        }

        top += (_legend.Count == 0 ? 0 : _legend[^1].Row + 1) * EntryHeight;
        foreach (string note in _notes)
        {
            top += s_note.Size * 1.4;
            svg.Text(left, top - 4, note, s_note);
        }
    }

    /// <summary>A number of things in words.</summary>
    public static string Count(int number, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : many)}");

    private static IEnumerable<string> Few(IReadOnlyList<string> lines) =>
        lines.Count <= MostNoteLines ? lines : [.. lines.Take(MostNoteLines - 1), $"{lines[MostNoteLines - 1]}\u2026"];
}

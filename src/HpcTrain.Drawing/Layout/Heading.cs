namespace HpcTrain.Drawing;

/// <summary>The title and the subtitle of a figure or a panel, broken into lines.</summary>
internal sealed class Heading
{
    private const double SpaceBelow = 10;
    private readonly List<(string Line, TextStyle Style)> _lines = [];

    public Heading(string title, TextStyle titleStyle, string? subtitle, double width)
    {
        Add(title, titleStyle);
        Add(subtitle ?? "", TextStyle.Subtitle);

        void Add(string text, TextStyle style) => _lines.AddRange(TextMeasure.Wrap(text, width, style).Select(line => (line, style)));
    }

    public double Height => _lines.Count == 0 ? 0 : _lines.Sum(line => line.Style.LineHeight) + SpaceBelow;

    public void Draw(SvgWriter svg, double left, double top)
    {
        foreach ((string line, TextStyle style) in _lines)
        {
            top += style.LineHeight;
            svg.Text(left, top - (style.Size * 0.35), line, style);
        }
    }
}

using HpcTrain.Drawing;

namespace HpcTrain.Collectives.Drawings;

/// <summary>What a chip says about the chunk in it.</summary>
internal enum ChipKind
{
    Received,
    Reduced,
    Scratch,
}

/// <summary>Draws chips: small boxes with the name of a chunk.</summary>
internal sealed record ChipPainter(double Width, double Height, TextStyle Style)
{
    /// <summary>Draws one with the middle of its upper edge at a point.</summary>
    public void Draw(SvgWriter svg, double x, double top, string text, ChipKind kind, int color)
    {
        bool filled = kind == ChipKind.Reduced;
        string paint = $"{(filled ? Paint.Fill(color) : Paint.Background)} {Paint.Stroke(color)}";
        svg.Element("rect", ("x", x - (Width / 2)), ("y", top), ("width", Width), ("height", Height), ("rx", 6), ("stroke-width", 1.8),
            ("stroke-dasharray", kind == ChipKind.Scratch ? "3.5 2.5" : null), ("class", paint));
        svg.Text(x, top + (Height / 2) + 4, text, filled ? Style with { Paint = Paint.Background, Weight = TextWeight.Bold } : Style);
    }
}

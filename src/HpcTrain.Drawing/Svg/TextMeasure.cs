using System.Text;

namespace HpcTrain.Drawing;

/// <summary>
/// Estimates how wide text is, without knowing the font: the widths are those of DejaVu Sans, the widest of the sans-serif fonts that
/// readers have, so a layout made with them has room to spare under the others.
/// </summary>
public static class TextMeasure
{
    private const double BoldFactor = 1.16;
    private const int OtherLetter = 80, Wide = 105;
    private const int FirstAscii = ' ', FirstWide = 0x1100; // from Hangul on: ideographs, dashes, arrows, emoji

    // Hundredths of the font size for U+0020 to U+007E.
    private static ReadOnlySpan<byte> Ascii =>
    [
        32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
        64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
        60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
        63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
    ];

    /// <summary>The width of one line of text at the style's size and weight, in CSS pixels.</summary>
    public static double Width(string text, TextStyle style)
    {
        int hundredths = 0;
        foreach (Rune rune in text.EnumerateRunes())
            hundredths += Hundredths(rune.Value);
        return hundredths / 100.0 * style.Size * (style.Weight == TextWeight.Bold ? BoldFactor : 1);
    }

    /// <summary>The text, or as much of its beginning as fits into <paramref name="width"/> with an ellipsis after it.</summary>
    public static string Shorten(string text, double width, TextStyle style)
    {
        if (Width(text, style) <= width)
            return text;
        var kept = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Width($"{kept}{rune}\u2026", style) > width)
                break;
            kept.Append(rune);
        }
        return kept.Append('\u2026').ToString();
    }

    /// <summary>
    /// Breaks text into lines of at most <paramref name="width"/>: between words, after hyphens, and inside what is wider than a line.
    /// </summary>
    public static IReadOnlyList<string> Wrap(string text, double width, TextStyle style)
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        foreach (string word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            string space = line.Length > 0 ? " " : "";
            foreach (string part in word.Replace("-", "-\n", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Length > 0 && Width($"{line}{space}{part}", style) > width)
                    EndLine();
                if (line.Length > 0)
                    line.Append(space);
                space = "";
                foreach (Rune rune in part.EnumerateRunes())
                {
                    if (line.Length > 0 && Width($"{line}{rune}", style) > width)
                        EndLine();
                    line.Append(rune);
                }
            }
        }
        if (line.Length > 0)
            EndLine();
        return lines;

        void EndLine()
        {
            lines.Add(line.ToString());
            line.Clear();
        }
    }

    private static int Hundredths(int letter) => letter switch
    {
        >= FirstWide => Wide,
        >= FirstAscii and < '\u007f' => Ascii[letter - FirstAscii],
        _ => OtherLetter,
    };
}

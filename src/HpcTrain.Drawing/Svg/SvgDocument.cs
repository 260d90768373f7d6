using System.Text;
using System.Xml;

namespace HpcTrain.Drawing;

/// <summary>
/// The frame of every drawing: its size, what it says to those who cannot see it, and the colours, which follow the light or
/// dark mode of the reader.
/// </summary>
/// <example><code>
/// string svg = new SvgDocument { Width = 200, Height = 80, Title = "Two ranks" }.Draw(svg =>
/// {
///     svg.Element("rect", ("x", 20), ("y", 20), ("width", 60), ("height", 40), ("class", Paint.Fill(0)));
///     svg.Text(100, 45, "rank 0", new TextStyle(13));
/// });
/// </code></example>
public sealed record SvgDocument
{
    private const string Fonts = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif";

    /// <summary>The natural width, in CSS pixels. The drawing scales with the page that shows it.</summary>
    public required double Width { get; init; }

    /// <summary>The natural height, in CSS pixels.</summary>
    public required double Height { get; init; }

    /// <summary>What the drawing is called, for screen readers and tooltips. It is not drawn.</summary>
    public required string Title { get; init; }

    /// <summary>What the drawing shows, in a sentence or two, for those who cannot see it.</summary>
    public string? Description { get; init; }

    /// <summary>The whole file: the frame, a background, and what <paramref name="content"/> draws on it.</summary>
    public string Draw(Action<SvgWriter> content)
    {
        var text = new StringBuilder();
        var settings = new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, NewLineChars = "\n" };
        using (var xml = XmlWriter.Create(text, settings))
        {
            var svg = new SvgWriter(xml);
            string size = $"0 0 {SvgWriter.Number(Width)} {SvgWriter.Number(Height)}";
            using (svg.Begin("svg", ("viewBox", size), ("width", Width), ("height", Height), ("role", "img"), ("class", Paint.Root), ("font-family", Fonts)))
            {
                svg.TextElement("title", Title);
                if (Description is { } description)
                    svg.TextElement("desc", description);
                svg.TextElement("style", Stylesheet.Text);
                svg.Element("rect", ("width", Width), ("height", Height), ("class", Paint.Background));
                content(svg);
            }
        }
        return text.Append('\n').ToString();
    }
}

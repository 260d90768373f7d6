using System.Globalization;
using System.Xml.Linq;

namespace HpcTrain.Drawing.Tests;

/// <summary>A drawing read back: what a viewer would see where.</summary>
internal sealed class Drawn
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public Drawn(string svg)
    {
        Root = XDocument.Parse(svg).Root!;
        Texts = [.. Root.Descendants(Svg + "text").Select(ReadText)];
        Plots = [.. Root.Descendants(Svg + "rect").Where(e => Class(e).Contains("hpc-plot")).Select(ReadBox)];
        Bars = [.. Root.Descendants(Svg + "rect").Where(e => e.Elements(Svg + "title").Any()).Select(ReadBox)];
        Lines = [.. Root.Descendants(Svg + "path").Where(e => e.Attribute("stroke-linejoin") is not null).Select(ReadLine)];
        Markers = [.. Root.Descendants().Where(e => Class(e).Contains("hpc-halo") && e.Name.LocalName is "circle" or "path").Select(ReadMarker)];
    }

    public sealed record Text(string Words, Box Box, string Class);

    public sealed record Line(string Class, (double X, double Y)[] Points, string? Dashes);

    public sealed record Marker(string Class, double X, double Y, string? Tooltip);

    public XElement Root { get; }

    public Text[] Texts { get; }

    public Box[] Plots { get; }

    public Box[] Bars { get; }

    public Line[] Lines { get; }

    /// <summary>The markers of points, and those of legends, which have no tooltip.</summary>
    public Marker[] Markers { get; }

    public Box Size => new(0, 0, Number(Root, "width"), Number(Root, "height"));

    public string Title => Root.Element(Svg + "title")!.Value;

    public string? Description => Root.Element(Svg + "desc")?.Value;

    public Text Find(string words) => Texts.Single(text => text.Words == words);

    /// <summary>Fails unless all text lies on the drawing, and no two texts on each other.</summary>
    public void AssertTextsAreApart()
    {
        foreach (Text text in Texts)
        {
            Assert.That(text.Box.X >= -0.01 && text.Box.Y >= 0 && text.Box.Right <= Size.Width + 0.01 && text.Box.Bottom <= Size.Height,
                $"'{text.Words}' at {text.Box} is cut off in {Size}");
        }
        for (int i = 0; i < Texts.Length; i++)
        {
            for (int j = 0; j < i; j++)
                Assert.That(Overlap(Texts[i].Box, Texts[j].Box), Is.False, $"'{Texts[i].Words}' at {Texts[i].Box} and '{Texts[j].Words}' at {Texts[j].Box}");
        }
    }

    /// <summary>Fails unless every line and every marker of a point lies inside a plot.</summary>
    public void AssertValuesLieInPlots()
    {
        foreach ((double x, double y) in Lines.SelectMany(line => line.Points))
            Assert.That(Plots.Any(plot => Inside(plot, x, y, 0.01)), $"({x}, {y}) lies in no plot");
        foreach (Marker marker in Markers.Where(marker => marker.Tooltip is not null))
            Assert.That(Plots.Any(plot => Inside(plot, marker.X, marker.Y, 1)), $"{marker} lies in no plot"); // triangles have their middle off centre

        static bool Inside(Box plot, double x, double y, double tolerance) =>
            x >= plot.X - tolerance && x <= plot.Right + tolerance && y >= plot.Y - tolerance && y <= plot.Bottom + tolerance;
    }

    public static bool Overlap(Box a, Box b) =>
        a.X < b.Right - 0.01 && b.X < a.Right - 0.01 && a.Y < b.Bottom - 0.01 && b.Y < a.Bottom - 0.01;

    // From the height of capitals to the depth of descenders.
    private static Text ReadText(XElement element)
    {
        double size = Number(element, "font-size");
        TextWeight weight = (string?)element.Attribute("font-weight") == "bold" ? TextWeight.Bold : TextWeight.Regular;
        double width = TextMeasure.Width(element.Value, new TextStyle(size, Weight: weight));
        double left = Number(element, "x") - ((string?)element.Attribute("text-anchor") switch { "middle" => width / 2, "end" => width, _ => 0 });
        return new(element.Value, new Box(left, Number(element, "y") - (0.75 * size), width, 0.97 * size), Class(element));
    }

    private static Box ReadBox(XElement element) =>
        new(Number(element, "x"), Number(element, "y"), Number(element, "width"), Number(element, "height"));

    private static Line ReadLine(XElement element) => new(Class(element), Points(element), (string?)element.Attribute("stroke-dasharray"));

    private static Marker ReadMarker(XElement element)
    {
        string? tooltip = element.Element(Svg + "title")?.Value;
        if (element.Name.LocalName == "circle")
            return new(Class(element), Number(element, "cx"), Number(element, "cy"), tooltip);
        (double X, double Y)[] corners = Points(element);
        return new(Class(element), (corners.Min(c => c.X) + corners.Max(c => c.X)) / 2, (corners.Min(c => c.Y) + corners.Max(c => c.Y)) / 2, tooltip);
    }

    private static (double X, double Y)[] Points(XElement path)
    {
        string[] parts = ((string)path.Attribute("d")!).TrimEnd('Z').Split(['M', 'L'], StringSplitOptions.RemoveEmptyEntries);
        return [.. parts.Select(part => part.Split(' ')).Select(xy => (Parse(xy[0]), Parse(xy[1])))];
    }

    private static string Class(XElement element) => (string?)element.Attribute("class") ?? "";

    private static double Number(XElement element, string name) => Parse((string)element.Attribute(name)!);

    private static double Parse(string number) => double.Parse(number, CultureInfo.InvariantCulture);
}

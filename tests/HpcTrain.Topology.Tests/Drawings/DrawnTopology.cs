using System.Globalization;
using System.Xml.Linq;
using HpcTrain.Drawing;

namespace HpcTrain.Topology.Tests.Drawings;

/// <summary>A drawing read back: where its nodes and texts lie.</summary>
internal sealed class DrawnTopology
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    private readonly XElement _root;

    public DrawnTopology(string svg)
    {
        _root = XDocument.Parse(svg).Root!;
        Texts = [.. _root.Descendants(s_svg + "text").Select(ReadText)];
        // The frame of a node is drawn right before its name.
        Nodes = [.. _root.Descendants(s_svg + "rect").Where(rect => rect.Attribute("stroke-width") is not null && rect.ElementsAfterSelf().FirstOrDefault()?.Name == s_svg + "text")
            .Where(rect => rect.Parent!.Name == s_svg + "g").Select(rect => new Node(rect.ElementsAfterSelf().First().Value, ReadBox(rect)))];
        Labels = [.. _root.Descendants(s_svg + "rect").Where(rect => (string?)rect.Attribute("rx") == "4").Select(ReadBox)];
        Paths = [.. _root.Descendants(s_svg + "path")];
    }

    public sealed record Text(string Words, Box Box);

    public sealed record Node(string Name, Box Box)
    {
        public (double X, double Y) Middle => (Box.X + (Box.Width / 2), Box.Y + (Box.Height / 2));
    }

    public Text[] Texts { get; }

    public Node[] Nodes { get; }

    public Box[] Labels { get; }

    public XElement[] Paths { get; }

    public Box Size => new(0, 0, Number(_root, "width"), Number(_root, "height"));

    public string Words => string.Join(' ', Texts.Select(text => text.Words));

    public Node this[string name] => Nodes.Single(node => node.Name == name);

    /// <summary>The path of the link whose tooltip begins so.</summary>
    public XElement Link(string tooltip) => Paths.First(path => path.Parent!.Element(s_svg + "title")?.Value.StartsWith(tooltip, StringComparison.Ordinal) == true);

    /// <summary>Fails unless all text lies on the drawing, no two texts overlap, no two nodes do, and no label lies on a node.</summary>
    public void AssertNothingOverlaps()
    {
        foreach (Text text in Texts)
        {
            Assert.That(text.Box.X >= 0 && text.Box.Y >= 0 && text.Box.Right <= Size.Width && text.Box.Bottom <= Size.Height, $"'{text.Words}' at {text.Box} is cut off in {Size}");
            foreach (Text other in Texts.TakeWhile(other => other != text))
                Assert.That(Overlap(text.Box, other.Box), Is.False, $"'{text.Words}' at {text.Box} and '{other.Words}' at {other.Box}");
        }

        foreach (Node node in Nodes)
        {
            foreach (Node other in Nodes.TakeWhile(other => other != node))
                Assert.That(Overlap(node.Box, other.Box), Is.False, $"{node} and {other}");
            foreach (Box label in Labels)
                Assert.That(Overlap(node.Box, label), Is.False, $"{node} and a label at {label}");
        }
    }

    private static bool Overlap(Box a, Box b) => a.X < b.Right - 0.02 && b.X < a.Right - 0.02 && a.Y < b.Bottom - 0.02 && b.Y < a.Bottom - 0.02;

    // From the height of capitals to the depth of descenders.
    private static Text ReadText(XElement element)
    {
        double size = Number(element, "font-size");
        TextWeight weight = (string?)element.Attribute("font-weight") == "bold" ? TextWeight.Bold : TextWeight.Regular;
        double width = TextMeasure.Width(element.Value, new TextStyle(size, Weight: weight)), x = Number(element, "x") + Shift(element).X;
        double left = x - ((string?)element.Attribute("text-anchor") switch { "middle" => width / 2, "end" => width, _ => 0 });
        return new(element.Value, new Box(left, Number(element, "y") + Shift(element).Y - (0.75 * size), width, 0.97 * size));
    }

    private static Box ReadBox(XElement element) => new(
        Number(element, "x") + Shift(element).X, Number(element, "y") + Shift(element).Y, Number(element, "width"), Number(element, "height"));

    private static (double X, double Y) Shift(XElement element)
    {
        if (element.Ancestors().Select(ancestor => (string?)ancestor.Attribute("transform")).FirstOrDefault(transform => transform is not null) is not { } text)
            return default;
        double[] by = [.. text["translate(".Length..^1].Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return (by[0], by[1]);
    }

    private static double Number(XElement element, string name) => double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);
}

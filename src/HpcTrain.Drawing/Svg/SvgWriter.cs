using System.Globalization;
using System.Text;
using System.Xml;

namespace HpcTrain.Drawing;

/// <summary>
/// Writes the elements of a drawing. Text is escaped, numbers are written in the invariant culture with at most two decimals, and
/// what XML cannot hold (control characters, halves of surrogate pairs) becomes U+FFFD. <see cref="SvgDocument.Draw"/> makes one.
/// </summary>
public sealed class SvgWriter
{
    internal const string Namespace = "http://www.w3.org/2000/svg";
    private readonly XmlWriter _xml;

    internal SvgWriter(XmlWriter xml) => _xml = xml;

    /// <summary>
    /// A number as it stands in a drawing: rounded to hundredths, with a point, without a negative zero.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a finite number.</exception>
    public static string Number(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "A drawing has finite coordinates only; leave out what has none.");
        double rounded = Math.Round(value, 2, MidpointRounding.AwayFromZero);
        return rounded == 0 ? "0" : rounded.ToString("0.##", CultureInfo.InvariantCulture);
    }

    /// <summary>The <c>d</c> of a path that joins the points by straight lines.</summary>
    public static string PathThrough(IEnumerable<(double X, double Y)> points)
    {
        var path = new StringBuilder();
        foreach ((double x, double y) in points)
            path.Append(path.Length == 0 ? 'M' : 'L').Append(Number(x)).Append(' ').Append(Number(y));
        return path.ToString();
    }

    /// <summary>An element without content.</summary>
    public void Element(string name, params ReadOnlySpan<SvgAttribute> attributes)
    {
        Start(name, attributes);
        _xml.WriteEndElement();
    }

    /// <summary>Opens an element; disposing what is returned closes it: <c>using (svg.Begin("g")) ...</c>.</summary>
    public Scope Begin(string name, params ReadOnlySpan<SvgAttribute> attributes)
    {
        Start(name, attributes);
        return new Scope(_xml);
    }

    /// <summary>A title of the open element, which must have no other content yet: a browser shows it where the pointer rests.</summary>
    public void Tooltip(string text) => _xml.WriteElementString("title", Namespace, Clean(text));

    /// <summary>One line of text.</summary>
    /// <param name="x">Where it starts, has its middle or ends, as the style's anchor says.</param>
    /// <param name="y">Its baseline.</param>
    /// <param name="text">The words. <see cref="TextMeasure"/> estimates the room that they need.</param>
    /// <param name="style">Size, weight, anchor and colour.</param>
    public void Text(double x, double y, string text, TextStyle style)
    {
        string? anchor = style.Anchor switch { TextAnchor.Middle => "middle", TextAnchor.End => "end", _ => null };
        string? weight = style.Weight == TextWeight.Bold ? "bold" : null;
        Start("text", [("x", x), ("y", y), ("font-size", style.Size), ("font-weight", weight), ("text-anchor", anchor), ("class", style.Paint)]);
        _xml.WriteString(Clean(text));
        _xml.WriteEndElement();
    }

    internal void TextElement(string name, string text)
    {
        Start(name, []);
        _xml.WriteString(Clean(text));
        _xml.WriteEndElement();
    }

    private void Start(string name, ReadOnlySpan<SvgAttribute> attributes)
    {
        _xml.WriteStartElement(name, Namespace);
        foreach (SvgAttribute attribute in attributes)
        {
            if (attribute.Value is { } value)
                _xml.WriteAttributeString(attribute.Name, Clean(value));
        }
    }

    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) // halves of surrogate pairs come as U+FFFD
            clean.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\ufffd" : rune.ToString());
        return clean.ToString();
    }

    /// <summary>An element that is open.</summary>
    public readonly struct Scope : IDisposable
    {
        private readonly XmlWriter _xml;

        internal Scope(XmlWriter xml) => _xml = xml;

        /// <summary>Closes the element.</summary>
        public void Dispose() => _xml.WriteEndElement();
    }
}

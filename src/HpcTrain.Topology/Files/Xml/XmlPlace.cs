using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace HpcTrain.Topology;

/// <summary>An element of an XML file that knows where it stands, so that errors can name the line.</summary>
internal sealed partial class XmlPlace
{
    // What is nested deeper than this is no topology, and nothing that could be walked through.
    private const int MostDepth = 256;

    private readonly XElement _element;
    private readonly string _file;

    private XmlPlace(XElement element, string file)
    {
        _element = element;
        _file = file;
    }

    /// <summary>The tag.</summary>
    public string Name => _element.Name.LocalName;

    /// <summary>Its line in the file.</summary>
    public int Line => ((IXmlLineInfo)_element).LineNumber;

    /// <summary>All elements directly inside.</summary>
    public IEnumerable<XmlPlace> Children => _element.Elements().Select(child => new XmlPlace(child, _file));

    /// <summary>All elements inside, at any depth, in the order of the file.</summary>
    public IEnumerable<XmlPlace> Descendants => _element.Descendants().Select(child => new XmlPlace(child, _file));

    /// <summary>The text inside.</summary>
    public string Text => _element.Value;

    /// <summary>An attribute that must be there.</summary>
    public string this[string attribute] => Optional(attribute) ?? throw Wrong($"<{Name}> needs the attribute {attribute}");

    /// <summary>The root of a file.</summary>
    /// <exception cref="TopologyException">It is not well-formed.</exception>
    public static XmlPlace Parse(string text, string file)
    {
        try
        {
            // Files that went through editors have lines before the declaration, where it must not be; without it, lines keep their numbers.
            string elements = Declaration().Replace(text, "$1");
            using (XmlReader reader = Open(elements))
            {
                while (reader.Read())
                {
                    if (reader.Depth >= MostDepth && reader.NodeType == XmlNodeType.Element)
                        throw new TopologyException(file, ((IXmlLineInfo)reader).LineNumber, $"Elements are nested more than {MostDepth} deep.");
                }
            }

            using XmlReader again = Open(elements);
            return new(XDocument.Load(again, LoadOptions.SetLineInfo).Root!, file);
        }
        catch (XmlException error)
        {
            throw new TopologyException(file, Math.Max(1, error.LineNumber), $"This is not well-formed XML: {Position().Replace(error.Message, "")}.");
        }
    }

    /// <summary>The elements of a tag directly inside.</summary>
    public IEnumerable<XmlPlace> Elements(string tag) => Children.Where(child => child.Name == tag);

    /// <summary>An attribute, or null.</summary>
    public string? Optional(string attribute) => _element.Attribute(attribute)?.Value;

    /// <summary>An attribute as a whole number, or another number when it is not there.</summary>
    public int Integer(string attribute, int otherwise) => Optional(attribute) == null ? otherwise : Integer(attribute);

    /// <summary>An attribute as a whole number.</summary>
    public int Integer(string attribute) => int.TryParse(this[attribute], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
        ? value : throw Wrong($"{attribute}=\"{this[attribute]}\" of <{Name}> is not a whole number");

    /// <summary>An attribute as a whole number that is at least 1.</summary>
    public int Count(string attribute) =>
        Integer(attribute) is var count && count >= 1 ? count : throw Wrong($"{attribute}=\"{count}\" of <{Name}> needs to be at least 1");

    /// <summary>An error at this element.</summary>
    public TopologyException Wrong(string what) => new(_file, Line, $"{what}.");

    private static XmlReader Open(string text) => XmlReader.Create(new StringReader(text), new() { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });

    [GeneratedRegex(@"^(\s*)<\?xml.*?\?>", RegexOptions.Singleline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\.? Line \d+, position \d+\.$")]
    private static partial Regex Position();
}

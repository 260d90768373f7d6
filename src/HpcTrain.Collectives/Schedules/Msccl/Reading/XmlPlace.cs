using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace HpcTrain.Collectives.Msccl;

/// <summary>An element of an XML file that knows its line, so that errors can name it.</summary>
internal readonly struct XmlPlace(XElement element)
{
    public string Name => element.Name.LocalName;

    public int Line => ((IXmlLineInfo)element).LineNumber;

    /// <summary>The elements in it, which must all have that name.</summary>
    public IEnumerable<XmlPlace> Items(string name)
    {
        foreach (XElement child in element.Elements())
        {
            var place = new XmlPlace(child);
            yield return place.Name == name ? place : throw place.Wrong($"<{place.Name}> stands in <{element.Name.LocalName}>, where only <{name}> may");
        }
    }

    public string Text(string attribute) => Optional(attribute) ?? throw Wrong($"<{Name}> lacks the attribute {attribute}");

    public string? Optional(string attribute) => element.Attribute(attribute)?.Value;

    public int Integer(string attribute, int least, int most = int.MaxValue)
    {
        string text = Text(attribute);
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
            throw Wrong($"{attribute}=\"{text}\" is not a whole number");
        if (value < least || value > most)
            throw Wrong($"{attribute}=\"{text}\" is out of range; it goes from {least}{(most == int.MaxValue ? " on" : $" to {most}")}");
        return value;
    }

    public bool Flag(string attribute) => Integer(attribute, 0, 1) == 1;

    public ScheduleException Wrong(string what) => WrongAt(Line, what);

    public static ScheduleException WrongAt(int line, string what) => new($"Line {line}: {what}.");
}

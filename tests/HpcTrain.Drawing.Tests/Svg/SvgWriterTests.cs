using System.Globalization;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace HpcTrain.Drawing.Tests.Svg;

public sealed class SvgWriterTests
{
    [TestCase(0, "0")]
    [TestCase(-0.001, "0")]
    [TestCase(12, "12")]
    [TestCase(12.345, "12.35")]
    [TestCase(-12.344, "-12.34")]
    [TestCase(1e7, "10000000")]
    [TestCase(0.1 + 0.2, "0.3")]
    public void Numbers_have_at_most_two_decimals(double value, string expected) =>
        Assert.That(SvgWriter.Number(value), Is.EqualTo(expected));

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void A_coordinate_must_be_finite(double value) =>
        Assert.That(() => SvgWriter.Number(value), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("finite"));

    [Test]
    public void Numbers_do_not_depend_on_the_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = OddCulture.Instance;
        try
        {
            Assert.That(SvgWriter.Number(-1.5), Is.EqualTo("-1.5"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Test]
    public void Any_text_can_be_drawn() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), words =>
    {
        string text = words ?? "";
        XElement root = XDocument.Parse(Document(text).Draw(svg =>
        {
            svg.Text(1, 2, text, new TextStyle(12));
            using (svg.Begin("g", ("data-name", text)))
                svg.Tooltip(text);
        }), LoadOptions.PreserveWhitespace).Root!;
        Assert.That(root.Elements().Select(e => e.Name.LocalName), Is.EqualTo(new[] { "title", "desc", "style", "rect", "text", "g" }));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [TestCase("a < b && \"c\" > 'd'")]
    [TestCase("</text><script>")]
    [TestCase("\u00b5s \u2192 \U0001f600")]
    public void Text_is_escaped(string text)
    {
        var drawn = new Drawn(Document(text).Draw(svg => svg.Text(1, 2, text, new TextStyle(12))));
        Assert.That(drawn.Find(text), Is.Not.Null);
        Assert.That(drawn.Title, Is.EqualTo(text));
    }

    [Test]
    public void What_XML_cannot_hold_is_replaced()
    {
        var drawn = new Drawn(Document("x").Draw(svg => svg.Text(1, 2, "a\u0001b\ud800c\uffff", new TextStyle(12))));
        Assert.That(drawn.Texts.Single().Words, Is.EqualTo("a\ufffdb\ufffdc\ufffd"));
    }

    [Test]
    public void An_attribute_without_value_is_left_out()
    {
        string svg = Document("x").Draw(writer => writer.Element("path", ("d", "M0 0"), ("stroke-dasharray", null), ("stroke-width", 1.5)));
        Assert.That(svg, Does.Contain("<path d=\"M0 0\" stroke-width=\"1.5\" />"));
    }

    [Test]
    public void A_document_tells_its_size_and_what_it_is()
    {
        var drawn = new Drawn(Document("two ranks").Draw(_ => { }));
        Assert.That((string?)drawn.Root.Attribute("viewBox"), Is.EqualTo("0 0 200 100.5"));
        Assert.That((string?)drawn.Root.Attribute("role"), Is.EqualTo("img"));
        Assert.That((drawn.Title, drawn.Description), Is.EqualTo(("two ranks", "two ranks, described")));
    }

    private static SvgDocument Document(string title) => new() { Width = 200, Height = 100.5, Title = title, Description = $"{title}, described" };
}

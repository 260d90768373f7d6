using FsCheck;
using FsCheck.Fluent;

namespace HpcTrain.Drawing.Tests.Svg;

public sealed class TextMeasureTests
{
    private static readonly TextStyle Style = new(12);

    [Test]
    public void Width_grows_with_letters_size_and_weight()
    {
        Assert.That(TextMeasure.Width("", Style), Is.Zero);
        Assert.That(TextMeasure.Width("mm", Style), Is.EqualTo(2 * TextMeasure.Width("m", Style)));
        Assert.That(TextMeasure.Width("m", Style), Is.GreaterThan(TextMeasure.Width("i", Style)));
        Assert.That(TextMeasure.Width("m", new TextStyle(24)), Is.EqualTo(2 * TextMeasure.Width("m", Style)));
        Assert.That(TextMeasure.Width("m", Style with { Weight = TextWeight.Bold }), Is.GreaterThan(TextMeasure.Width("m", Style)));
        Assert.That(TextMeasure.Width("\u6f22", Style), Is.GreaterThanOrEqualTo(12), "an ideograph is as wide as high");
    }

    // Advance widths of DejaVu Sans Book, in units of 2048 per em: 1303 for digits, 2006 for %, 569 for i, 1255 for e.
    [TestCase("0123456789", 13030)]
    [TestCase("100%", 5915)]
    [TestCase("eie", 3079)]
    public void Width_is_that_of_a_wide_font(string text, double units) =>
        Assert.That(TextMeasure.Width(text, new TextStyle(100)), Is.EqualTo(units / 20.48).Within(1.5).Percent);

    [Test]
    public void Lines_fit_and_lose_nothing() => Prop.ForAll(Words().ToArbitrary(), sample =>
    {
        (string text, int width) = sample;
        IReadOnlyList<string> lines = TextMeasure.Wrap(text, width, Style);
        Assert.That(string.Concat(lines).Replace(" ", "", StringComparison.Ordinal), Is.EqualTo(text.Replace(" ", "", StringComparison.Ordinal)));
        Assert.That(lines.Where(line => line.Length > 1).Select(line => TextMeasure.Width(line, Style)), Has.All.LessThanOrEqualTo(width));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Test]
    public void Lines_break_between_words_and_after_hyphens() =>
        Assert.That(TextMeasure.Wrap("halving-doubling allreduce", 70, Style), Is.EqualTo(new[] { "halving-", "doubling", "allreduce" }));

    [Test]
    public void What_is_shortened_fits_and_begins_alike() => Prop.ForAll(Words().ToArbitrary(), sample =>
    {
        (string text, int width) = sample;
        string shown = TextMeasure.Shorten(text, width, Style);
        Assert.That(TextMeasure.Width(shown, Style), Is.LessThanOrEqualTo(width));
        Assert.That(shown == text || (shown.EndsWith('\u2026') && text.StartsWith(shown[..^1], StringComparison.Ordinal)));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static Gen<(string Text, int Width)> Words() =>
        from words in Gen.Elements("ring", "halving-doubling", "Open MPI 4.1.4", "W", "i", "packed-trees-with-a-very-long-name", "\u6f22\u5b57").ListOf()
        from width in Gen.Choose(15, 300)
        select (string.Join(' ', words), width);
}

namespace HpcTrain.Topology.Tests;

internal sealed class RateClassesTests
{
    [Test]
    public void Noise_makes_no_classes_and_steps_do()
    {
        var random = new Random(3);
        double[] rates = [.. Enumerable.Range(0, 300).Select(index => new[] { 25.0, 12.5, 0.4 }[index % 3] * (0.95 + (0.1 * random.NextDouble())))];
        IReadOnlyList<double> classes = RateClasses.Of(rates);
        Assert.That(classes.Distinct().Count(), Is.EqualTo(3));
        for (int index = 0; index < rates.Length; index++)
            Assert.That(classes[index], Is.EqualTo(rates[index]).Within(11).Percent);
    }

    [Test]
    public void Numbers_without_gaps_that_are_spread_wide_are_cut()
    {
        double[] rates = [.. Enumerable.Range(0, 100).Select(index => Math.Pow(1.05, index))];
        IReadOnlyList<double> classes = RateClasses.Of(rates);
        Assert.That(rates.Zip(classes), Has.All.Matches<(double Rate, double Class)>(each => Math.Max(each.Rate / each.Class, each.Class / each.Rate) < 1.4));
    }

    [Test]
    public void None_is_no_class() => Assert.That(RateClasses.Of([]), Is.Empty);

    [Test]
    public void Rounded_numbers_are_near_and_have_two_digits()
    {
        for (double value = 1e-7; value < 1e7; value *= 1.0137)
        {
            Rational rounded = RateClasses.Rounded(value);
            Assert.That((double)rounded, Is.EqualTo(value).Within(2.5).Percent);
            string digits = ((double)rounded).ToString("E3", System.Globalization.CultureInfo.InvariantCulture);
            Assert.That(digits, Does.Match(@"^(1\.\d[05]|\d\.\d0)0E"));
        }
    }

    [TestCase(12.4, "25/2")]
    [TestCase(24.7, "25")]
    [TestCase(0.02391, "3/125")]
    [TestCase(1.02, "1")]
    [TestCase(9.99, "10")]
    public void Rounded_is_exact(double value, string expected) => Assert.That(RateClasses.Rounded(value).ToString(), Is.EqualTo(expected));
}

namespace HpcTrain.Drawing.Tests.Charts;

public sealed class BarChartTests
{
    [Test]
    public void Any_chart_is_drawn_without_overlaps() => ChartCases.Check(ChartCases.BarCharts, chart =>
    {
        var drawn = new Drawn(chart.ToSvg());
        drawn.AssertTextsAreApart();
        Box plot = drawn.Plots.Single();
        Assert.That(plot.Height, Is.GreaterThanOrEqualTo(119));
        foreach (Box bar in drawn.Bars)
        {
            double[] inside = [bar.X - plot.X, plot.Right - bar.Right, bar.Y - plot.Y, plot.Bottom - bar.Bottom];
            Assert.That(inside, Has.All.GreaterThan(-0.02), $"{bar} in {plot}");
        }
        for (int i = 0; i < drawn.Bars.Length; i++)
            Assert.That(drawn.Bars.Take(i).Any(other => Drawn.Overlap(other, drawn.Bars[i])), Is.False);
    });

    [Test]
    public void Bars_are_as_high_as_their_values_and_stand_on_zero()
    {
        var drawn = new Drawn(Chart(2, 1, -1).ToSvg());
        Assert.That(drawn.Bars.Select(bar => bar.Height), Is.EqualTo(new[] { 2, 1, 1 }.Select(value => value * drawn.Bars[1].Height)).Within(0.03));
        Assert.That(drawn.Bars[0].Bottom, Is.EqualTo(drawn.Bars[1].Bottom).Within(0.02));
        Assert.That(drawn.Bars[2].Y, Is.EqualTo(drawn.Bars[1].Bottom).Within(0.02), "a negative value hangs down");
    }

    [Test]
    public void Every_bar_of_a_logarithmic_axis_is_seen()
    {
        var drawn = new Drawn((Chart(10, 100, 1000) with { Y = Axis.Log("latency", Unit.Microseconds) }).ToSvg());
        Assert.That(drawn.Bars.Select(bar => bar.Height), Is.Ordered.Ascending.And.All.GreaterThan(10));
        Assert.That(drawn.Bars[1].Height - drawn.Bars[0].Height, Is.EqualTo(drawn.Bars[2].Height - drawn.Bars[1].Height).Within(0.03));
    }

    [Test]
    public void Values_stand_above_their_bars()
    {
        var drawn = new Drawn(Chart(2, 1, -1).ToSvg());
        Assert.That(drawn.Find("2.00").Box.Bottom, Is.LessThan(drawn.Bars[0].Y));
        Assert.That(drawn.Find("-1.00").Box.Y, Is.GreaterThan(drawn.Bars[2].Bottom));
    }

    [Test]
    public void Values_that_do_not_fit_are_left_out_all_together()
    {
        BarChart chart = Samples.Ratios with { Width = 400 };
        var drawn = new Drawn(chart.ToSvg());
        Assert.That(drawn.Bars, Has.Length.EqualTo(26));
        Assert.That(drawn.Texts.Where(text => text.Class.Contains(Paint.Text) && text.Words.Contains('.')), Is.Empty);
    }

    [TestCase(0.95)]
    [TestCase(0.99)]
    [TestCase(1.0)]
    public void The_reference_line_does_not_run_through_values(double value)
    {
        var drawn = new Drawn((Chart(value, 2) with { Reference = new ReferenceLine(1, "parity") }).ToSvg());
        double line = drawn.Find("parity").Box is var label ? label.Y + (0.75 * 12) - (0.35 * 12) : 0;
        Box digits = drawn.Find(Unit.Ratio.Format(value)[..^1]).Box;
        Assert.That(line > digits.Bottom - 2 || line < digits.Y, $"{digits} on {line}");
        Assert.That(digits.Bottom - 2, Is.LessThan(drawn.Bars[0].Y));
        Assert.That(drawn.Find("parity").Box.X, Is.GreaterThan(drawn.Plots.Single().Right));
    }

    [Test]
    public void A_missing_value_leaves_its_place_free()
    {
        var drawn = new Drawn(Chart(1, double.NaN, 3).ToSvg());
        Box full = new Drawn(Chart(1, 2, 3).ToSvg()).Bars[2];
        Assert.That(drawn.Bars, Has.Length.EqualTo(2));
        Assert.That(drawn.Bars[1].X, Is.EqualTo(full.X));
    }

    [Test]
    public void A_legend_names_several_series_and_not_one()
    {
        Assert.That(new Drawn(Samples.Ratios.ToSvg()).Find("halving-doubling"), Is.Not.Null);
        Assert.That(new Drawn(Chart(1, 2).ToSvg()).Texts.Select(text => text.Words), Has.None.EqualTo("values"));
    }

    private static BarChart Chart(params double[] values) => new()
    {
        Title = "chart",
        Y = Axis.Linear("", Unit.Ratio),
        Groups = [.. values.Select((_, i) => $"group {i}")],
        Series = [new BarSeries("values", values)],
    };
}

namespace HpcTrain.Drawing.Tests.Charts;

public sealed class ChartPageTests
{
    [Test]
    public void Any_page_is_drawn_without_overlaps() => ChartCases.Check(ChartCases.Pages, page =>
    {
        var drawn = new Drawn(page.ToSvg());
        drawn.AssertTextsAreApart();
        drawn.AssertValuesLieInPlots();
        Assert.That(drawn.Plots, Has.Length.EqualTo(page.Panels.Count));
        for (int i = 0; i < drawn.Plots.Length; i++)
            Assert.That(drawn.Plots.Take(i).Any(other => Drawn.Overlap(other, drawn.Plots[i])), Is.False);
    }, 100);

    [Test]
    public void Two_panels_stand_beside_each_other_under_one_heading_and_one_legend()
    {
        var drawn = new Drawn(Samples.Page.ToSvg());
        Box latency = drawn.Plots[0], bandwidth = drawn.Plots[1];
        Assert.That(latency.Right, Is.LessThan(bandwidth.X));
        Assert.That(latency.Y, Is.EqualTo(bandwidth.Y));
        foreach (Series series in Samples.Latency.Series)
            Assert.That(drawn.Find(series.Name).Box.Bottom, Is.LessThan(latency.Y), "one legend, above the panels");
        Assert.That(drawn.Find("Allreduce").Box.Bottom, Is.LessThan(drawn.Find("ring").Box.Y));
        Assert.That(drawn.Find("Latency").Box.Y, Is.EqualTo(drawn.Find("Bus bandwidth").Box.Y).And.GreaterThan(drawn.Find("ring").Box.Bottom));
        Assert.That(drawn.Description, Does.Contain("Latency: Line chart").And.Contain("Bus bandwidth: Line chart"));
    }

    [TestCase(960, 1, 1)]
    [TestCase(960, 2, 2)]
    [TestCase(960, 3, 3)]
    [TestCase(960, 4, 3)]
    [TestCase(400, 2, 1)]
    public void Panels_are_in_columns_that_are_wide_enough(int width, int columns, int expected)
    {
        var drawn = new Drawn((Samples.Page with { Width = width, Columns = columns, Panels = [.. Enumerable.Repeat(Samples.Latency, 4)] }).ToSvg());
        Assert.That(drawn.Plots.Select(plot => plot.Y).Distinct().Count(), Is.EqualTo((4 + expected - 1) / expected));
        Assert.That(drawn.Plots.Select(plot => plot.X).Distinct().Count(), Is.EqualTo(expected));
    }

    [Test]
    public void A_series_looks_the_same_in_each_panel_whatever_its_place()
    {
        LineChart latency = Samples.Latency, bandwidth = Samples.BusBandwidth with { Series = [.. Samples.BusBandwidth.Series.Reverse()] };
        var drawn = new Drawn((Samples.Page with { Panels = [latency, bandwidth] }).ToSvg());
        Assert.That(drawn.Lines[9].Class, Is.EqualTo(drawn.Lines[0].Class));
        (string, string?)[] looks = [.. drawn.Lines.Select(line => (line.Class, line.Dashes))];
        Assert.That(looks[..5], Is.EqualTo(looks[5..].Reverse()));
    }

    [Test]
    public void A_series_that_only_one_panel_lacks_has_data()
    {
        Series gone = Samples.BusBandwidth.Series[0] with { Points = [] };
        ChartPage page = Samples.Page with { Panels = [Samples.Latency with { Series = [gone] }, Samples.BusBandwidth] };
        Assert.That(new Drawn(page.ToSvg()).Find("ring"), Is.Not.Null);
        Assert.That(new Drawn((page with { Panels = [page.Panels[0]] }).ToSvg()).Find("ring (no data)"), Is.Not.Null);
    }

    [Test]
    public void A_page_without_panels_is_a_heading() =>
        Assert.That(new Drawn(new ChartPage { Title = "nothing yet", Panels = [] }.ToSvg()).Texts.Single().Words, Is.EqualTo("nothing yet"));
}

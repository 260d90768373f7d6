using System.Globalization;

namespace HpcTrain.Drawing.Tests.Charts;

public sealed class LineChartTests
{
    [Test]
    public void Any_chart_is_drawn_without_overlaps() => ChartCases.Check(ChartCases.LineCharts, chart =>
    {
        var drawn = new Drawn(chart.ToSvg());
        drawn.AssertTextsAreApart();
        drawn.AssertValuesLieInPlots();
        Assert.That(drawn.Plots.Single().Height, Is.GreaterThanOrEqualTo(119));
    });

    [Test]
    public void The_same_chart_gives_the_same_text_in_any_culture() => ChartCases.Check(ChartCases.LineCharts, chart =>
    {
        string svg = chart.ToSvg();
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = OddCulture.Instance;
        try
        {
            Assert.That((chart with { Title = chart.Title }).ToSvg(), Is.EqualTo(svg));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }, 50);

    [Test]
    public void Points_lie_where_the_axes_say()
    {
        var drawn = new Drawn((Samples.Latency with
        {
            Series = [new Series("ring", [(1024, 10), (2048, 100), (4096, 1000)])],
            X = Axis.Bytes("size"),
        }).ToSvg());
        (double X, double Y)[] points = drawn.Lines.Single().Points;
        Assert.That(points[1].X - points[0].X, Is.EqualTo(points[2].X - points[1].X).Within(0.02), "equal ratios are equally long");
        Assert.That(points[0].Y - points[1].Y, Is.EqualTo(points[1].Y - points[2].Y).Within(0.02));
        foreach ((string x, string y, (double X, double Y) point) in new[] { "1 KiB", "2 KiB", "4 KiB" }.Zip(["10 us", "100 us", "1 ms"], points))
        {
            Assert.That(Middle(drawn.Find(x).Box).X, Is.EqualTo(point.X).Within(0.02), x);
            Assert.That(Middle(drawn.Find(y).Box).Y, Is.EqualTo(point.Y).Within(2), y);
        }
    }

    [Test]
    public void Every_point_has_a_marker_that_tells_its_values()
    {
        var drawn = new Drawn(Samples.Latency.ToSvg());
        Assert.That(drawn.Markers, Has.Length.EqualTo(5 * 13), "names at line ends need no legend");
        Assert.That(drawn.Markers[0].Tooltip, Is.EqualTo("ring, 8 B: 6.3 us"));
    }

    [Test]
    public void Of_long_lines_some_points_are_marked()
    {
        DataPoint[] points = [.. Enumerable.Range(0, 1000).Select(i => new DataPoint(i, i % 7))];
        var drawn = new Drawn(Chart(new Series("a", points), new Series("b", points)).ToSvg());
        Assert.That(drawn.Lines.Select(line => line.Points.Length), Is.All.EqualTo(1000));
        Assert.That(drawn.Markers.GroupBy(marker => marker.Class).Select(group => group.Count()), Is.All.InRange(10, 14));
        Assert.That(drawn.Markers.Select(marker => marker.X), Is.Unique);
    }

    [Test]
    public void Names_stand_right_of_the_plot_in_the_order_of_the_line_ends()
    {
        LineChart chart = Samples.Latency;
        var drawn = new Drawn(chart.ToSvg());
        string[] byEnd = [.. chart.Series.OrderByDescending(series => series.Points[^1].Y).Select(series => series.Name)];
        Box[] boxes = [.. byEnd.Select(name => drawn.Find(name).Box)];
        Assert.That(boxes.Select(box => box.Y), Is.Ordered.Ascending);
        Assert.That(boxes.Select(box => box.X), Is.All.GreaterThan(drawn.Plots.Single().Right));
        drawn.AssertTextsAreApart();
    }

    private static readonly TestCaseData[] WithoutRoom =
    [
        new TestCaseData(new Series("short", [(0, 1), (1, 2)]), new Series("long", [(0, 1), (100, 2)])).SetArgDisplayNames("lines that end apart"),
        new TestCaseData(new Series("none", [(double.NaN, 1)]), new Series("long", [(0, 1), (100, 2)])).SetArgDisplayNames("a line without points"),
        new TestCaseData(new Series(new string('w', 60), [(0, 1)]), new Series("long", [(0, 1)])).SetArgDisplayNames("a long name"),
    ];

    [TestCaseSource(nameof(WithoutRoom))]
    public void Otherwise_a_legend_stands_above_the_plot(Series one, Series other)
    {
        var drawn = new Drawn(Chart(one, other).ToSvg());
        foreach (string name in new[] { one.Name, other.Name })
            Assert.That(drawn.Texts.Single(text => text.Words.StartsWith(name, StringComparison.Ordinal)).Box.Bottom, Is.LessThan(drawn.Plots.Single().Y));
    }

    [Test]
    public void More_than_eight_lines_or_a_wish_make_a_legend()
    {
        Series[] nine = [.. Enumerable.Range(1, 9).Select(i => new Series($"line {i}", [(1, i), (2, i)]))];
        Assert.That(Legend(Chart(nine)), Is.True);
        Assert.That(Legend(Chart(nine[..8])), Is.False);
        Assert.That(Legend(Chart(nine[..8]) with { Labels = SeriesLabels.Legend }), Is.True);

        static bool Legend(LineChart chart) => new Drawn(chart.ToSvg()) is var drawn && drawn.Find("line 1").Box.Bottom < drawn.Plots.Single().Y;
    }

    [Test]
    public void What_an_axis_cannot_show_leaves_a_gap()
    {
        var series = new Series("gap", [(1, 1), (2, 2), (3, double.NaN), (4, 0), (5, 5), (6, double.PositiveInfinity), (7, 7), (8, 8)]);
        var drawn = new Drawn((Chart(series) with { Y = Axis.Log("latency", Unit.Microseconds) }).ToSvg());
        Assert.That(drawn.Lines.Select(line => line.Points.Length), Is.EqualTo(new[] { 2, 2 }));
        Assert.That(drawn.Markers.Select(marker => marker.Tooltip),
            Is.EqualTo(new[] { "gap, 1: 1 us", "gap, 2: 2 us", "gap, 5: 5 us", "gap, 7: 7 us", "gap, 8: 8 us" }));
    }

    [Test]
    public void A_single_point_is_a_marker()
    {
        var drawn = new Drawn(Chart(new Series("one", [(5, 5)])).ToSvg());
        Assert.That(drawn.Lines, Is.Empty);
        Assert.That(drawn.Markers, Has.Length.EqualTo(1));
    }

    [Test]
    public void A_chart_without_points_says_so()
    {
        Assert.That(new Drawn(Chart().ToSvg()).Find("no data"), Is.Not.Null);
        var drawn = new Drawn(Chart(new Series("ring", [])).ToSvg());
        Assert.That(drawn.Find("no data"), Is.Not.Null);
        Assert.That(drawn.Find("ring (no data)"), Is.Not.Null);
    }

    [Test]
    public void Series_differ_in_colour_marker_and_dashes()
    {
        var drawn = new Drawn(Samples.Latency.ToSvg());
        Assert.That(drawn.Lines.Select(line => line.Class), Is.EqualTo(Enumerable.Range(0, 5).Select(Paint.Stroke)));
        Assert.That(drawn.Lines.Select(line => line.Dashes is not null), Is.EqualTo(new[] { false, false, false, true, true }));
    }

    [Test]
    public void A_series_may_choose_its_colour()
    {
        Series ours = new("ours", [(1, 1), (2, 2)]) { Color = 3 }, peer = new("peer", [(1, 2), (2, 3)]) { Color = 3, Line = LineStyle.Dotted };
        var drawn = new Drawn(Chart(ours, peer).ToSvg());
        Assert.That(drawn.Lines.Select(line => line.Class), Is.All.EqualTo(Paint.Stroke(3)));
    }

    [Test]
    public void A_chart_describes_itself()
    {
        var drawn = new Drawn(Samples.Latency.ToSvg());
        Assert.That(drawn.Title, Is.EqualTo("Allreduce latency"));
        Assert.That(drawn.Description, Is.EqualTo(
            "Line chart of latency against message size: ring, halving-doubling, recursive-doubling, Open MPI 4.1.4, MPICH 4.0.2."));
        Assert.That(new Drawn((Samples.Latency with { Description = "how long it takes" }).ToSvg()).Description, Is.EqualTo("how long it takes"));
    }

    [Test]
    public void A_chart_has_the_size_that_it_is_given()
    {
        Assert.That(new Drawn((Samples.Latency with { Width = 500, Height = 300 }).ToSvg()).Size, Is.EqualTo(new Box(0, 0, 500, 300)));
        Assert.That(() => Samples.Latency with { Width = 100 }, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("at least 320"));
    }

    private static LineChart Chart(params Series[] series) =>
        new() { Title = "chart", X = Axis.Linear("x", Unit.Count), Y = Axis.Linear("y", Unit.Count), Series = series };

    private static (double X, double Y) Middle(Box box) => (box.X + (box.Width / 2), box.Y + (box.Height / 2));
}

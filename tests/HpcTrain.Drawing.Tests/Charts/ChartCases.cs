using FsCheck;
using FsCheck.Fluent;

namespace HpcTrain.Drawing.Tests.Charts;

/// <summary>Charts of every size, with any words and numbers.</summary>
internal static class ChartCases
{
    private static readonly Gen<string> Words = Gen.Elements(
        "", "x", "ring", "Open MPI 4.1.4", "halving-doubling", "<b> & \"quotes\"", "\u6f22\u5b57 \u00b5s \U0001f600",
        "a headline that is much too long for one line of a chart, with all that one might want to say", new string('W', 70));

    private static readonly Gen<Axis> Axes =
        from title in Words
        from axis in Gen.Elements(
            Axis.Bytes(""), Axis.Log("", Unit.Microseconds), Axis.Log("", Unit.GigabytesPerSecond), Axis.Linear("", Unit.Count),
            Axis.Linear("", Unit.Named("images/s")), Axis.Linear("", Unit.Ratio))
        select axis with { Title = title };

    private static readonly Gen<Series> Lines =
        from name in Words
        from points in Gen.Frequency((3, Points(Numbers.Usual)), (1, Points(Numbers.Any)))
        from style in Gen.Elements(Enum.GetValues<LineStyle>())
        select new Series(name, points) { Line = style };

    public static Gen<LineChart> LineCharts { get; } =
        from title in Words
        from subtitle in Words
        from note in Words
        from x in Axes
        from y in Axes
        from series in Lines.ListOf()
        from width in Gen.Choose(320, 1400)
        from height in Gen.Choose(50, 700)
        from labels in Gen.Elements(Enum.GetValues<SeriesLabels>())
        select new LineChart
        {
            Title = title,
            Subtitle = subtitle,
            Note = note,
            X = x,
            Y = y,
            Series = [.. series],
            Width = width,
            Height = height,
            Labels = labels,
        };

    public static Gen<BarChart> BarCharts { get; } =
        from title in Words
        from y in Axes
        from groups in Words.ListOf()
        from series in (from name in Words from values in Numbers.Any.ArrayOf() select new BarSeries(name, values)).ListOf()
        from reference in Gen.OneOf(
            Gen.Constant<ReferenceLine?>(null),
            from value in Numbers.Any from label in Words select (ReferenceLine?)new ReferenceLine(value, label))
        from width in Gen.Choose(320, 1400)
        from height in Gen.Choose(50, 700)
        select new BarChart { Title = title, Y = y, Groups = [.. groups], Series = [.. series], Reference = reference, Width = width, Height = height };

    public static Gen<ChartPage> Pages { get; } =
        from title in Words
        from panels in Gen.OneOf(LineCharts.Select(Chart (chart) => chart), BarCharts.Select(Chart (chart) => chart)).ListOf().Where(list => list.Count < 6)
        from columns in Gen.Choose(1, 4)
        from width in Gen.Choose(320, 2000)
        select new ChartPage { Title = title, Panels = [.. panels], Columns = columns, Width = width };

    public static void Check<T>(Gen<T> charts, Action<T> property, int count = 300) =>
        Prop.ForAll(charts.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(count));

    private static Gen<DataPoint[]> Points(Gen<double> numbers) =>
        (from x in numbers from y in numbers select new DataPoint(x, y)).ArrayOf();
}

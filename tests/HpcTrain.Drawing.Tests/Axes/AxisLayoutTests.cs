using FsCheck;
using FsCheck.Fluent;

namespace HpcTrain.Drawing.Tests.Axes;

public sealed class AxisLayoutTests
{
    private static readonly TestCaseData[] Axes =
    [
        new(Axis.Bytes("size"), 8.0, 134217728.0, 600.0, "8 B|64 B|512 B|4 KiB|32 KiB|256 KiB|2 MiB|16 MiB|128 MiB"),
        new(Axis.Bytes("size"), 8.0, 268435456.0, 600.0, "8 B|64 B|512 B|4 KiB|32 KiB|256 KiB|2 MiB|16 MiB|128 MiB"),
        new(Axis.Bytes("size"), 4.0, 1073741824.0, 250.0, "256 B|64 KiB|16 MiB"),
        new(Axis.Bytes("size"), 1024.0, 1024.0, 600.0, "512 B|1 KiB|2 KiB"),
        new(Axis.Log("t", Unit.Microseconds), 0.25, 3000.0, 900.0, "0.2 us|0.5 us|1 us|2 us|5 us|10 us|20 us|50 us|100 us|200 us|500 us|1 ms|2 ms|5 ms"),
        new(Axis.Log("t", Unit.Microseconds), 0.25, 3000.0, 400.0, "1 us|10 us|100 us|1 ms"),
        new(Axis.Log("t", Unit.Microseconds), 10.0, 10.0, 400.0, "5 us|10 us|20 us"),
        new(Axis.Log("n", Unit.Count), 376703799.0, 376703799.0, 87.0, "200,000,000"),
        new(Axis.Log("n", Unit.Count), 30.0, 40.0, 10.0, "20"),
        new(Axis.Log("rate", Unit.GigabytesPerSecond), 1e-5, 12.0, 600.0, "10 kB/s|100 kB/s|1 MB/s|10 MB/s|100 MB/s|1 GB/s|10 GB/s"),
        new(Axis.Linear("rate", Unit.GigabytesPerSecond), 2.0, 11.0, 600.0, "0|2 GB/s|4 GB/s|6 GB/s|8 GB/s|10 GB/s|12 GB/s"),
        new(Axis.Linear("rate", Unit.GigabytesPerSecond), 0.1, 0.3, 300.0, "0|100 MB/s|200 MB/s|300 MB/s"),
        new(Axis.Linear("size", Unit.Bytes), 0.0, 90.0 * (1 << 20), 300.0, "0|20 MiB|40 MiB|60 MiB|80 MiB|100 MiB"),
        new(Axis.Linear("ratio", Unit.Ratio), 0.6, 1.48, 220.0, "0|0.5x|1.0x|1.5x"),
        new(Axis.Linear("accuracy", Unit.Percent), 90.0, 91.0, 220.0, "90.0%|90.5%|91.0%"),
        new(Axis.Linear("x", Unit.Count), -5.0, -3.0, 300.0, "-5|-4|-3|-2|-1|0"),
        new(Axis.Linear("x", Unit.Count), 0.0, 0.0, 120.0, "0|0.5|1.0"),
    ];

    [TestCaseSource(nameof(Axes))]
    public void Ticks_are_round_and_have_room(Axis axis, double min, double max, double length, string expected)
    {
        AxisLayout layout = AxisLayout.Create(axis, [min, max], (fraction, label) => Room(fraction, label, length));
        Assert.That(string.Join('|', layout.Set.Ticks.Select(tick => tick.Label)), Is.EqualTo(expected));
    }

    [Test]
    public void Between_powers_of_ten_the_scale_shows_how_it_runs()
    {
        AxisLayout layout = AxisLayout.Create(Axis.Log("t", Unit.Microseconds), [1, 100], (fraction, label) => Room(fraction, label, 150));
        Assert.That(layout.Set.Between, Is.EqualTo(new double[] { 2, 3, 4, 5, 6, 7, 8, 9, 20, 30, 40, 50, 60, 70, 80, 90 }));
    }

    [Test]
    public void An_axis_shows_what_it_is_told_to()
    {
        AxisLayout layout = AxisLayout.Create(Axis.Log("t", Unit.Microseconds) with { From = 1, To = 1000 }, [20, 30], (f, label) => Room(f, label, 500));
        Assert.That((layout.Set.Low, layout.Set.High), Is.EqualTo((1.0, 1000.0)));
    }

    [Test]
    public void Any_values_give_an_axis() => Prop.ForAll(Cases().ToArbitrary(), sample =>
    {
        (Axis axis, double[] values, int length) = sample;
        AxisLayout layout = AxisLayout.Create(axis, values, (fraction, label) => Room(fraction, label, length));
        double[] shown = [.. values.Where(axis.Shows)];
        TickSet set = layout.Set;
        Assert.That(set.Low, Is.LessThan(set.High));
        Assert.That(shown, Has.All.InRange(set.Low, set.High));
        double hair = 1e-9 * Math.Max(Math.Abs(set.Low), Math.Abs(set.High));
        Assert.That(set.Ticks.Select(tick => tick.Value), Is.Ordered.And.Unique.And.All.InRange(set.Low - hair, set.High + hair));
        Assert.That(set.Ticks, Is.Not.Empty);
        Assert.That(set.Ticks.Select(tick => tick.Label), Is.Unique);
        Assert.That(values.Select(layout.Fraction).Where((_, i) => axis.Shows(values[i])), Has.All.InRange(0, 1));
        LabelSpan[] spans = [.. set.Ticks.Select(tick => Room(layout.Fraction(tick.Value), tick.Label, length))];
        Assert.That(spans.Zip(spans.Skip(1)).Any(pair => pair.First.Touches(pair.Second)), Is.False);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20000));

    [Test]
    public void Places_follow_the_scale()
    {
        Assert.That(Fraction(Axis.Linear("", Unit.Count), 0, 100, 25), Is.EqualTo(0.25).Within(1e-12));
        Assert.That(Fraction(Axis.Log("", Unit.Count), 1, 10000, 10), Is.EqualTo(0.25).Within(1e-12));
        Assert.That(Fraction(Axis.Bytes(""), 1, 65536, 16), Is.EqualTo(0.25).Within(1e-12));

        static double Fraction(Axis axis, double min, double max, double value) =>
            AxisLayout.Create(axis, [min, max], (fraction, label) => Room(fraction, label, 500)).Fraction(value);
    }

    private static LabelSpan Room(double fraction, string label, double length)
    {
        double half = (TextMeasure.Width(label, TextStyle.Tick) + 12) / 2;
        return new((fraction * length) - half, (fraction * length) + half);
    }

    private static Gen<(Axis Axis, double[] Values, int Length)> Cases() =>
        from axis in Gen.Elements(
            Axis.Bytes("x"), Axis.Log("x", Unit.Microseconds), Axis.Log("x", Unit.Count), Axis.Linear("x", Unit.Seconds),
            Axis.Linear("x", Unit.Bytes), Axis.Linear("x", Unit.Count), Axis.Linear("x", Unit.GigabytesPerSecond))
        from values in Numbers.Any.ArrayOf()
        from length in Gen.Choose(60, 1500)
        select (axis, values, length);
}

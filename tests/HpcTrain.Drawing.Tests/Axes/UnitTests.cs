namespace HpcTrain.Drawing.Tests.Axes;

public sealed class UnitTests
{
    private static readonly TestCaseData[] Values =
    [
        new(Unit.Bytes, 0, "0 B"),
        new(Unit.Bytes, 8, "8 B"),
        new(Unit.Bytes, 1024, "1 KiB"),
        new(Unit.Bytes, 1536, "1.5 KiB"),
        new(Unit.Bytes, 256L << 20, "256 MiB"),
        new(Unit.Bytes, 3L << 50, "3,072 TiB"),
        new(Unit.Microseconds, 0.2, "0.2 us"),
        new(Unit.Microseconds, 0.01234, "0.0123 us"),
        new(Unit.Microseconds, 312.4, "312 us"),
        new(Unit.Microseconds, 999.9, "1 ms"),
        new(Unit.Microseconds, 1234, "1.23 ms"),
        new(Unit.Microseconds, 47.7e6, "47.7 s"),
        new(Unit.Seconds, 0.00001, "10 us"),
        new(Unit.Seconds, 0, "0 s"),
        new(Unit.GigabytesPerSecond, 12, "12 GB/s"),
        new(Unit.GigabytesPerSecond, 0.08, "80 MB/s"),
        new(Unit.GigabytesPerSecond, 2.5e-5, "25 kB/s"),
        new(Unit.Ratio, 1.3, "1.30x"),
        new(Unit.Percent, 90.64, "90.6%"),
        new(Unit.Percent, -7, "-7%"),
        new(Unit.Count, 4207, "4,207"),
        new(Unit.Count, 1.5e12, "1.5e+12"),
        new(Unit.Named("images/s"), 3778, "3,778"),
    ];

    [TestCaseSource(nameof(Values))]
    public void A_value_is_written_with_its_unit(Unit unit, double value, string expected) => Assert.That(unit.Format(value), Is.EqualTo(expected));

    [TestCase(0, "0")]
    [TestCase(500, "0.5 ms")]
    [TestCase(2000, "2.0 ms")]
    public void Linear_ticks_share_prefix_and_decimals(double value, string expected) =>
        Assert.That(Unit.Microseconds.FormatTick(value, 2500, 500), Is.EqualTo(expected));
}

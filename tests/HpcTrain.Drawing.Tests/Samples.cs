namespace HpcTrain.Drawing.Tests;

/// <summary>
/// Charts like those of a benchmark. The times come from a cost model with parameters of a small cluster, so the lines lie as close, and
/// cross as often, as measured ones do.
/// </summary>
internal static class Samples
{
    private const int Ranks = 4;
    private static readonly long[] _sizes = [.. Enumerable.Range(0, 13).Select(i => 8L << (2 * i))]; // 8 B to 128 MiB

    private static readonly Implementation[] _implementations =
    [
        new("ring", 6, 1.1, 0.00021),
        new("halving-doubling", 4, 1.2, 0.00024),
        new("recursive-doubling", 2, 1.15, 0.00061),
        new("Open MPI 4.1.4", 2, 1.9, 0.00041, LineStyle.Dashed),
        new("MPICH 4.0.2", 2, 2.3, 0.00047, LineStyle.Dashed),
    ];

    public static LineChart Latency => new()
    {
        Title = "Allreduce latency",
        Subtitle = "4 ranks on one node, f32, sum",
        X = Axis.Bytes("message size"),
        Y = Axis.Log("latency", Unit.Microseconds),
        Series = [.. _implementations.Select(one => one.Line([.. _sizes.Select(size => new DataPoint(size, one.Microseconds(size)))]))],
    };

    public static LineChart BusBandwidth => new()
    {
        Title = "Bus bandwidth",
        Subtitle = "higher is better",
        X = Axis.Bytes("message size"),
        Y = Axis.Log("bus bandwidth", Unit.GigabytesPerSecond),
        Series = [.. _implementations.Select(one => one.Line([.. _sizes.Select(size => new DataPoint(size, one.GigabytesPerSecond(size)))]))],
    };

    public static ChartPage Page => new()
    {
        Title = "Allreduce",
        Subtitle = "4 ranks on one node, f32, sum",
        Note = "Times of a cost model, not measurements.",
        Width = 960,
        Panels = [Latency with { Title = "Latency", Subtitle = "lower is better", Height = 380 }, BusBandwidth],
    };

    public static BarChart Ratios => new()
    {
        Title = "Bus bandwidth beside Open MPI",
        Subtitle = "4 ranks on one node; above the line is faster than Open MPI",
        Y = Axis.Linear("ratio", Unit.Ratio),
        Groups = [.. _sizes.Select(size => Unit.Bytes.Format(size))],
        Series = [.. _implementations.Take(2).Select(one => new BarSeries(one.Name,
            [.. _sizes.Select(size => _implementations[3].Microseconds(size) / one.Microseconds(size))]))],
        Reference = new ReferenceLine(1, "parity"),
        Width = 960,
    };

    private sealed record Implementation(string Name, int Steps, double Alpha, double Beta, LineStyle Style = LineStyle.Solid)
    {
        // A wave of a few percent stands for what caches and protocols do.
        public double Microseconds(long bytes) => ((Steps * Alpha) + (bytes * Beta)) * (1 + (0.06 * Math.Sin(Math.Log2(bytes) * Steps)));

        public double GigabytesPerSecond(long bytes) => bytes / Microseconds(bytes) / 1e3 * 2 * (Ranks - 1) / Ranks;

        public Series Line(DataPoint[] points) => new(Name, points) { Line = Style };
    }
}

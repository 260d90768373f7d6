namespace HpcTrain.Timelines;

/// <summary>Turns a rank's times into rank 0's: along lines between its readings, with the nearest one's offset outside of them.</summary>
public sealed class ClockMap
{
    private readonly ClockReading[] _readings;

    /// <param name="readings">At least one.</param>
    public ClockMap(IEnumerable<ClockReading> readings) => _readings = [.. readings.OrderBy(reading => reading.At)];

    /// <summary>Rank 0's time, in whole nanoseconds, at a time of the rank; both in microseconds.</summary>
    public double ToCommon(double microseconds)
    {
        int next = Array.FindIndex(_readings, reading => reading.At > microseconds);
        double offset = next switch
        {
            0 => _readings[0].Offset,
            < 0 => _readings[^1].Offset,
            _ => Between(_readings[next - 1], _readings[next], microseconds),
        };
        return RankTimeline.Rounded(microseconds + offset);
    }

    private static double Between(ClockReading before, ClockReading after, double at) =>
        before.Offset + ((after.Offset - before.Offset) * (at - before.At) / (after.At - before.At));
}

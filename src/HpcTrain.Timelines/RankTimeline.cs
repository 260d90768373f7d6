using System.Diagnostics;
using System.Globalization;
using HpcTrain.Runs;

namespace HpcTrain.Timelines;

/// <summary>
/// The timeline of one rank, by its own clock: a file that Perfetto opens by itself, and from which <see cref="TimelineMerge"/> makes one for all ranks. Times are
/// given in ticks of <see cref="Stopwatch"/> and written in microseconds since the timeline was begun. Several threads may write.
/// </summary>
public sealed class RankTimeline : IDisposable
{
    /// <summary>The category of readings of the common clock.</summary>
    internal const string ClockCategory = "clock";

    /// <summary>Where a reading says what has to be added to the rank's times.</summary>
    internal const string OffsetDetail = "offset_us";

    private readonly Lock _lock = new();
    private readonly ChromeTraceWriter _trace;
    private readonly Stream _stream;
    private readonly int _rank;
    private readonly long _zero = Stopwatch.GetTimestamp();
    private long _flushed;
    private int _rows;
    private bool _ended;

    /// <summary>Begins a timeline.</summary>
    /// <param name="stream">Where it goes; the timeline owns it from now on.</param>
    /// <param name="rank">The rank: the number of its process in the file.</param>
    /// <param name="host">The rank's node.</param>
    /// <exception cref="IOException">Writing failed; so from every other member that writes.</exception>
    public RankTimeline(Stream stream, int rank, string host)
    {
        (_stream, _rank, _flushed) = (stream, rank, _zero);
        _trace = new(stream);
        _trace.NameProcess(rank, string.Create(CultureInfo.InvariantCulture, $"rank {rank} on {host}"));
    }

    /// <summary>Microseconds since the timeline was begun.</summary>
    public double Now => Microseconds(Stopwatch.GetTimestamp());

    /// <summary>Begins a timeline in a file, replacing what was there.</summary>
    /// <param name="folder">The folder of the ranks' files; it is made.</param>
    /// <param name="rank">The rank, which names the file.</param>
    /// <exception cref="RunException">The file cannot be made.</exception>
    public static RankTimeline Create(string folder, int rank)
    {
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"rank-{rank}.json"));
        try
        {
            Directory.CreateDirectory(folder);
            return new(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read), rank, Environment.MachineName);
        }
        catch (Exception error) when (RunException.IsIo(error))
        {
            throw RunException.FromIo("write the timeline", path, error);
        }
    }

    /// <summary>Adds a row. Spans of a row are apart or inside one another: viewers drop what overlaps in part.</summary>
    /// <returns>Its number.</returns>
    public int Row(string name)
    {
        lock (_lock)
        {
            _trace.NameThread(_rank, ++_rows, name);
            return _rows;
        }
    }

    /// <summary>Something that lasted.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="name">What is written on it.</param>
    /// <param name="category">What viewers filter by.</param>
    /// <param name="started">When it began, in ticks.</param>
    /// <param name="ended">When it ended, in ticks.</param>
    /// <param name="details">What a viewer shows when it is chosen.</param>
    public void Span(int row, string name, string category, long started, long ended, params ReadOnlySpan<(string Key, object Value)> details)
    {
        double start = Microseconds(started);
        lock (_lock)
        {
            _trace.Span(_rank, row, name, category, start, Rounded(Microseconds(ended) - start), details);
            if (ended - _flushed > Stopwatch.Frequency)
                Flush();
        }
    }

    /// <summary>Says what the common clock shows.</summary>
    public void Align(ClockReading reading)
    {
        lock (_lock)
        {
            _trace.Instant(_rank, 0, "clock", ClockCategory, reading.At, (OffsetDetail, Rounded(reading.Offset)), ("round_trip_us", Rounded(reading.RoundTrip)));
            Flush();
        }
    }

    /// <summary>Ends the timeline and closes its stream.</summary>
    public void Dispose()
    {
        if (_ended)
            return;
        _ended = true;
        _trace.Dispose();
        _stream.Dispose();
    }

    // Whole nanoseconds: then what was inside in ticks is inside in the file.
    internal static double Rounded(double microseconds) => Math.Round(microseconds, 3);

    private double Microseconds(long ticks) => Rounded((ticks - _zero) * (1e6 / Stopwatch.Frequency));

    // Whoever kills a rank loses the last second.
    private void Flush()
    {
        _trace.Flush();
        _flushed = Stopwatch.GetTimestamp();
    }
}

using System.Text.Json;

namespace HpcTrain.Runs;

/// <summary>
/// The append-only <c>metrics.jsonl</c>: one JSON object a line, each line handed to the kernel at once, so that
/// <c>tail -f</c> and a reader on another node follow the run. One writer (rank 0). After a resume the steps since the
/// checkpoint stand twice, the later attempt's line holds.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;

    /// <summary>Opens the log for appending; a last line that a crash cut short is ended first.</summary>
    /// <exception cref="RunException">The file cannot be opened.</exception>
    public MetricsLog(string path)
    {
        _path = path;
        try
        {
            _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
            if (_stream.Length > 0)
            {
                _stream.Seek(-1, SeekOrigin.End);
                if (_stream.ReadByte() != '\n')
                {
                    _stream.WriteByte((byte)'\n');
                }
            }
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw RunException.FromIo("open the metrics log", path, e);
        }
    }

    /// <summary>Appends one line.</summary>
    /// <exception cref="RunException">The disk is full or gone.</exception>
    public void Append(StepMetrics metrics)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(metrics, RunJson.Default.StepMetrics);
        Array.Resize(ref line, line.Length + 1);
        line[^1] = (byte)'\n';
        try
        {
            _stream.Write(line);
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw RunException.FromIo("append to the metrics log", _path, e);
        }
    }

    /// <summary>Reads a log, passing over lines that a crash cut short.</summary>
    /// <exception cref="RunException">The file cannot be read.</exception>
    public static IReadOnlyList<StepMetrics> Read(string path)
    {
        try
        {
            var lines = new List<StepMetrics>();
            foreach (var line in File.ReadLines(path))
            {
                if (TryParse(line) is { } metrics)
                {
                    lines.Add(metrics);
                }
            }

            return lines;
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw RunException.FromIo("read the metrics log", path, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static StepMetrics? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, RunJson.Default.StepMetrics);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

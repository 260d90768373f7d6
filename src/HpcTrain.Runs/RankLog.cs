using System.Globalization;

namespace HpcTrain.Runs;

/// <summary>
/// One rank's plain text log, <c>logs/rank-N.log</c>: time (UTC), rank, text. Every line reaches the file at once, so the
/// last line tells where a rank was when it died. May be written from any thread.
/// </summary>
public sealed class RankLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _writer;
    private readonly int _rank;

    /// <summary>Opens a rank's log for appending.</summary>
    /// <exception cref="RunException">The file cannot be opened.</exception>
    public RankLog(string path, int rank)
    {
        _rank = rank;
        try
        {
            _writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw RunException.FromIo($"open the log of rank {rank}", path, e);
        }
    }

    /// <summary>Writes a line. A log that cannot be written (disk full) never ends a run: the line is lost.</summary>
    public void Write(string text)
    {
        lock (_gate)
        {
            try
            {
                _writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss.fff} rank {_rank}: {text}"));
            }
            catch (Exception e) when (RunException.IsIo(e) || e is ObjectDisposedException)
            {
                // What the log would have said is on the rank's standard error too where it matters.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                _writer.Dispose();
            }
            catch (Exception e) when (RunException.IsIo(e))
            {
                // As in Write.
            }
        }
    }
}

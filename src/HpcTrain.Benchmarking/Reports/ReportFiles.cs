using HpcTrain.Runs;

namespace HpcTrain.Benchmarking.Reports;

/// <summary>
/// The files of a run. Each is there wholly or not at all; while the run goes on they are renewed now and then, so that an interrupted run leaves
/// its rows behind.
/// </summary>
internal sealed class ReportFiles
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly BenchmarkRequest _request;
    private DateTime _written = DateTime.UtcNow;

    public ReportFiles(BenchmarkRequest request) => _request = request;

    /// <summary>Says why a file of the request cannot be written, before anything is measured; null when all can.</summary>
    public static string? Problem(BenchmarkRequest request)
    {
        string[] paths = [.. new[] { request.JsonFile, request.CsvFile, request.ChartFile }.OfType<string>().Select(Path.GetFullPath)];
        if (paths.Distinct().Count() < paths.Length)
            return $"two of the files of results are the same: {string.Join(", ", paths)}; give each its own name.";
        foreach (string path in paths)
        {
            try
            {
                if (Directory.Exists(path))
                    return $"cannot write the results at {path}: it is a folder; give the name of a file.";

                // As AtomicFile will: a file beside it, that is renamed.
                string probe = $"{path}.{Environment.ProcessId}.tmp";
                using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
                {
                }
            }
            catch (Exception e) when (RunException.IsIo(e))
            {
                return RunException.FromIo("write the results", path, e).Message;
            }
        }

        return null;
    }

    /// <summary>Writes the files if the last time is some seconds ago.</summary>
    /// <exception cref="RunException">A file cannot be written.</exception>
    public void Renew(Func<JsonReport> report)
    {
        if (DateTime.UtcNow - _written >= s_pause)
            Write(report());
    }

    /// <summary>Writes the files.</summary>
    /// <exception cref="RunException">A file cannot be written.</exception>
    public void Write(JsonReport report)
    {
        if (_request.JsonFile is { } json)
            Write(json, report.Render());
        if (_request.CsvFile is { } csv)
            Write(csv, CsvReport.Render(report.Environment, report.Rows));
        if (_request.ChartFile is { } chart)
            Write(chart, ChartReport.Render(report.Environment, report.Rows));
        _written = DateTime.UtcNow;
    }

    private static void Write(string path, string text)
    {
        try
        {
            AtomicFile.WriteAllText(path, text);
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw RunException.FromIo("write the results", path, e);
        }
    }
}

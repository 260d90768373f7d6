using HpcTrain.Runs;

namespace HpcTrain.Benchmarking.Reports;

/// <summary>
/// The files of a run. Each is there wholly or not at all; while the run goes on they are renewed now and then, so that an interrupted run leaves
/// its rows behind. One that cannot be written does not keep the others from being so.
/// </summary>
internal sealed class ReportFiles
{
    private const string What = "the results";
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly BenchmarkRequest _request;
    private DateTime _written = DateTime.UtcNow;

    public ReportFiles(BenchmarkRequest request) => _request = request;

    /// <summary>Says why a file of the request cannot be written, before anything is measured; null when all can.</summary>
    public static string? Problem(BenchmarkRequest request)
    {
        string[] paths = [.. new[] { request.JsonFile, request.CsvFile, request.ChartFile, request.TimelineFile }.OfType<string>().Select(Path.GetFullPath)];
        if (paths.Distinct().Count() < paths.Length)
            return $"two of the files of results are the same: {string.Join(", ", paths)}; give each its own name.";
        foreach (string path in paths)
        {
            if (OutputFile.Problem(What, path) is { } problem)
                return problem;
        }

        return null;
    }

    /// <summary>Writes the files if the last time is some seconds ago, but for devices and pipes, which get the last state only.</summary>
    /// <returns>Why a file could not be written, which may mend itself; null when none failed.</returns>
    public string? Renew(Func<JsonReport> report) =>
        DateTime.UtcNow - _written >= s_pause ? Write(report(), path => !OutputFile.IsStream(path)) : null;

    /// <summary>Writes the files, as far as they can be.</summary>
    /// <returns>Why the first of those that could not be written could not; null when all were.</returns>
    public string? Write(JsonReport report) => Write(report, _ => true);

    private string? Write(JsonReport report, Func<string, bool> isWanted)
    {
        (string? Path, Func<string> Text)[] files =
        [
            (_request.JsonFile, report.Render),
            (_request.CsvFile, () => CsvReport.Render(report.Environment, report.Rows)),
            (_request.ChartFile, () => ChartReport.Render(report.Environment, report.Rows)),
        ];
        string? problem = null;
        foreach ((string? path, Func<string> text) in files)
        {
            try
            {
                if (path != null && isWanted(path))
                    OutputFile.Write(What, path, text());
            }
            catch (RunException e)
            {
                problem ??= e.Message;
            }
        }

        _written = DateTime.UtcNow;
        return problem;
    }
}

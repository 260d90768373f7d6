using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace HpcTrain.Runs;

/// <summary>
/// A run is a folder of plain files that anyone can read while it grows: <c>config.json</c> and <c>environment.json</c>
/// (written once, read-only), <c>metrics.jsonl</c> (append-only), <c>status.json</c> (replaced atomically),
/// <c>checkpoints/</c>, <c>logs/rank-N.log</c>, and at the end <c>summary.json</c>. Rank 0 creates it; the other ranks
/// open it by path, which must be on a file system that all nodes see.
/// </summary>
public sealed class RunFolder
{
    private RunFolder(string path) => Path = path;

    /// <summary>The folder's absolute path.</summary>
    public string Path { get; }

    /// <summary>Where checkpoints are kept.</summary>
    public string Checkpoints => System.IO.Path.Combine(Path, "checkpoints");

    /// <summary>The metrics log.</summary>
    public string Metrics => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>The configuration of the run.</summary>
    public string Config => System.IO.Path.Combine(Path, "config.json");

    /// <summary>The summary that ends the run.</summary>
    public string Summary => System.IO.Path.Combine(Path, "summary.json");

    /// <summary>Where each rank of an attempt, from 1, keeps its timeline: <c>timeline</c>, <c>timeline-2</c> and so on.</summary>
    public string Timelines(int attempt) => System.IO.Path.Combine(Path, attempt == 1 ? "timeline" : string.Create(CultureInfo.InvariantCulture, $"timeline-{attempt}"));

    private string Status => System.IO.Path.Combine(Path, "status.json");

    /// <summary>
    /// Creates <c>root/name-id</c>, where id is the UTC time and four random hex digits, so that jobs that start in the same
    /// second on several nodes do not collide.
    /// </summary>
    /// <exception cref="RunException">The folder cannot be created.</exception>
    public static RunFolder Create(string root, string name)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}");
        return CreateAt(System.IO.Path.Combine(root, $"{name}-{id}"));
    }

    /// <summary>Creates a run folder at exactly this path.</summary>
    /// <exception cref="RunException">The path exists already and holds files, or cannot be created.</exception>
    public static RunFolder CreateAt(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Any()))
        {
            throw new RunException(
                $"the run folder {path} exists already: choose another with --run-dir, or continue that run with --resume {path}.");
        }

        try
        {
            Directory.CreateDirectory(path);
            Directory.CreateDirectory(System.IO.Path.Combine(path, "checkpoints"));
            Directory.CreateDirectory(System.IO.Path.Combine(path, "logs"));
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw RunException.FromIo("create the run folder", path, e);
        }

        return new RunFolder(path);
    }

    /// <summary>Opens the folder of a run that was started before.</summary>
    /// <exception cref="RunException">There is no run at this path.</exception>
    public static RunFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var folder = new RunFolder(path);
        if (!Directory.Exists(path))
        {
            throw new RunException($"there is no run folder at {path}: give the folder of the run to continue, as runs/NAME-ID.");
        }

        return File.Exists(folder.Config)
            ? folder
            : throw new RunException($"{path} is not a run folder, it has no config.json: give the folder of the run to continue.");
    }

    /// <summary>Opens a folder that rank 0 has just created or opened, on the other ranks.</summary>
    /// <exception cref="RunException">This rank's node does not see the folder.</exception>
    public static RunFolder OpenOnOtherRank(string path, int rank)
        => Directory.Exists(path)
            ? new RunFolder(path)
            : throw new RunException(
                $"rank {rank} on {Environment.MachineName} does not see the run folder {path}: put it on a file system that all nodes share (--runs).");

    /// <summary>
    /// Writes <c>config.json</c> or <c>environment.json</c>: once, then read-only. A resumed run keeps its
    /// <c>environment.json</c> and gets <c>environment-2.json</c> and so on, by attempt.
    /// </summary>
    /// <param name="name">File name without ending.</param>
    /// <param name="json">UTF-8 JSON.</param>
    /// <exception cref="RunException">The file exists already, or cannot be written.</exception>
    public void WriteOnce(string name, ReadOnlySpan<byte> json)
    {
        var path = System.IO.Path.Combine(Path, name + ".json");
        if (File.Exists(path))
        {
            throw new RunException($"{path} exists already and is never changed: another job is using this run folder.");
        }

        Write("write", path, json);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    /// <summary>Replaces <c>status.json</c>.</summary>
    /// <exception cref="RunException">The file cannot be written.</exception>
    public void WriteStatus(RunStatus status)
        => Write("write the status", Status, JsonSerializer.SerializeToUtf8Bytes(status, RunJson.Indented.RunStatus));

    /// <summary>Reads <c>status.json</c>, or null when there is none.</summary>
    public RunStatus? ReadStatus()
        => File.Exists(Status) ? JsonSerializer.Deserialize(File.ReadAllBytes(Status), RunJson.Default.RunStatus) : null;

    /// <summary>Writes <c>summary.json</c>.</summary>
    /// <exception cref="RunException">The file cannot be written.</exception>
    public void WriteSummary(RunSummary summary)
        => Write("write the summary", Summary, JsonSerializer.SerializeToUtf8Bytes(summary, RunJson.Indented.RunSummary));

    /// <summary>Opens the metrics log for appending; rank 0 only.</summary>
    public MetricsLog OpenMetrics() => new(Metrics);

    /// <summary>Opens a rank's log for appending.</summary>
    public RankLog OpenLog(int rank)
        => new(System.IO.Path.Combine(Path, "logs", string.Create(CultureInfo.InvariantCulture, $"rank-{rank}.log")), rank);

    private static void Write(string action, string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            AtomicFile.WriteAllBytes(path, bytes);
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw RunException.FromIo(action, path, e);
        }
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using HpcTrain.Runs;

namespace HpcTrain.Slurm;

/// <summary>
/// A submitted job is a folder of plain files, NAME-TIME.job beside the run folders: <c>job.json</c> (the specification), <c>job.sbatch</c> (what Slurm got),
/// <c>submission.json</c> (its number) and <c>output-ID.txt</c> (what it says). Nothing else is remembered anywhere.
/// </summary>
public sealed class Submission
{
    private const string Suffix = ".job";

    private Submission(string folder, JobSpecification job, SubmissionRecord? record)
    {
        Folder = folder;
        Job = job;
        Record = record;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What was submitted.</summary>
    public JobSpecification Job { get; }

    /// <summary>What came of it; null when it never got into the queue.</summary>
    public SubmissionRecord? Record { get; private set; }

    /// <summary>The script's file.</summary>
    public string Script => Path.Combine(Folder, "job.sbatch");

    /// <summary>What Slurm writes the job's words to: a pattern with <c>%j</c>, or <c>%A</c> and <c>%a</c>.</summary>
    public static string OutputPattern(string folder, JobSpecification job)
    {
        ArgumentNullException.ThrowIfNull(job);
        // Slurm reads patterns in all of the path.
        return Path.Combine(folder.Replace("%", "%%", StringComparison.Ordinal), job.IsArray ? "output-%A_%a.txt" : "output-%j.txt");
    }

    /// <summary>The files that the job has said something in, by task.</summary>
    public IReadOnlyList<string> Outputs => Directory.Exists(Folder) ? [.. Directory.GetFiles(Folder, "output-*.txt").Order(StringComparer.Ordinal)] : [];

    /// <summary>The run folders of the job, those of an array's tasks included, as far as they exist.</summary>
    public IReadOnlyList<string> RunFolders()
    {
        if (Job.RunFolder is not { } run || !Directory.Exists(run))
            return [];
        IEnumerable<string> candidates = Job.IsArray ? Directory.GetDirectories(run, "task-*").OrderBy(folder => folder.Length).ThenBy(folder => folder, StringComparer.Ordinal) : [run];
        return [.. candidates.Where(folder => File.Exists(Path.Combine(folder, "config.json")))];
    }

    /// <summary>A name that no other submission has: the job's, the time (UTC), four random digits.</summary>
    /// <param name="name">The job's name.</param>
    public static string NewName(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}");

    /// <summary>Where the submission of this name is, below the folder of runs.</summary>
    public static string FolderOf(string runs, string name) => Path.Combine(Path.GetFullPath(runs), name + Suffix);

    /// <summary>Writes a job's files, all but the record.</summary>
    /// <param name="folder">The folder, which must not exist.</param>
    /// <param name="job">The specification.</param>
    /// <exception cref="SlurmException">The specification asks for what cannot be.</exception>
    /// <exception cref="RunException">The files cannot be written.</exception>
    public static Submission Create(string folder, JobSpecification job)
    {
        ArgumentNullException.ThrowIfNull(job);
        string script = BatchScript.Render(job, OutputPattern(folder, job));
        var submission = new Submission(folder, job, record: null);
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.WriteAllText(Path.Combine(folder, "job.json"), SpecificationFile.ToJson(job));
            AtomicFile.WriteAllText(submission.Script, script);
            return submission;
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw RunException.FromIo("write the submission", folder, e);
        }
    }

    /// <summary>Puts it into the queue and records its number.</summary>
    /// <exception cref="SlurmException">Slurm is missing, does not answer or refuses it; the folder is then removed.</exception>
    public void Submit()
    {
        try
        {
            Record = new SubmissionRecord { JobId = SlurmQueue.Submit(Job, Script), Submitted = DateTime.UtcNow };
        }
        catch (SlurmException)
        {
            Directory.Delete(Folder, recursive: true);
            throw;
        }
        AtomicFile.WriteAllBytes(RecordFile(Folder), JsonSerializer.SerializeToUtf8Bytes(Record, SubmissionJson.Default.SubmissionRecord));
    }

    /// <summary>All submissions below a folder of runs, oldest first; those that cannot be read are left out.</summary>
    /// <param name="runs">The folder.</param>
    public static IReadOnlyList<Submission> All(string runs) => !Directory.Exists(runs) ? [] :
    [
        .. Directory.GetDirectories(runs, "*" + Suffix).Where(folder => File.Exists(RecordFile(folder))).Select(TryOpen).OfType<Submission>()
            .OrderBy(submission => submission.Record!.Submitted),
    ];

    /// <summary>The submission that a user means: by its job's number (or a task's), its name, its folder or its run folder.</summary>
    /// <param name="runs">The folder of runs to look in.</param>
    /// <param name="word">What the user says.</param>
    /// <exception cref="SlurmException">There is none.</exception>
    public static Submission Find(string runs, string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        string path = Path.GetFullPath(word).TrimEnd('/');
        foreach (string folder in new[] { path, path + Suffix })
        {
            if (File.Exists(RecordFile(folder)) && TryOpen(folder) is { } named)
                return named;
        }
        string number = word.Split('_')[0];
        // Numbers start anew on another cluster: the youngest is meant.
        return All(runs).LastOrDefault(submission => submission.Record!.JobId == number || Path.GetFileName(submission.Folder) == word + Suffix || submission.Job.Name == word)
            ?? throw new SlurmException(SlurmFault.BadFile, $"there is no submitted job '{word}' in {Path.GetFullPath(runs)}: 'hpctrain status' lists them; --runs names another folder");
    }

    private static string RecordFile(string folder) => Path.Combine(folder, "submission.json");

    private static Submission? TryOpen(string folder)
    {
        try
        {
            SubmissionRecord? record = JsonSerializer.Deserialize(File.ReadAllBytes(RecordFile(folder)), SubmissionJson.Default.SubmissionRecord);
            return record is null ? null : new(folder, SpecificationFile.Read(Path.Combine(folder, "job.json")), record);
        }
        catch (Exception e) when (RunException.IsIo(e) || e is JsonException or SlurmException)
        {
            return null;
        }
    }
}

/// <summary>The content of <c>submission.json</c>.</summary>
public sealed record SubmissionRecord
{
    /// <summary>The job's number on its cluster.</summary>
    public required string JobId { get; init; }

    /// <summary>When it was submitted, UTC.</summary>
    public required DateTime Submitted { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(SubmissionRecord))]
internal sealed partial class SubmissionJson : JsonSerializerContext;

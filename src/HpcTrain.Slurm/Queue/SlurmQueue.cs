using System.Globalization;

namespace HpcTrain.Slurm;

/// <summary>A cluster's queue, through Slurm's own commands. Every call asks anew and is bounded; nothing is kept.</summary>
public static class SlurmQueue
{
    private const char Separator = '|';

    /// <summary>Whether this machine has Slurm's commands.</summary>
    public static bool IsHere => SlurmProgram.IsThere("sbatch");

    /// <summary>Puts a script into the queue.</summary>
    /// <param name="job">What the script is made from: what the cluster lacks for it is told in its words.</param>
    /// <param name="script">The script's file.</param>
    /// <returns>The job's number.</returns>
    /// <exception cref="SlurmException">Slurm is missing, does not answer, or refuses the job.</exception>
    public static string Submit(JobSpecification job, string script)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!IsHere)
            throw SlurmProgram.Missing("sbatch");
        CheckFits(job, Partitions());
        (int code, string output, string errors) = SlurmProgram.RunWithout(BatchScript.VariablesOf(job), "sbatch", ["--parsable", script]);
        return code == 0
            ? output.Trim().Split(';')[0]
            : throw new SlurmException(SlurmFault.Specification, $"sbatch refuses {job.Name}: {Sentence(errors)}");
    }

    /// <summary>Refuses what would wait for ever, or be refused in words that do not say what there is.</summary>
    internal static void CheckFits(JobSpecification job, IReadOnlyList<Partition> partitions)
    {
        if (partitions.Count == 0)
            return; // a cluster that hides them decides itself
        Partition[] mine = job.Partition is { } named
            ? [.. named.Split(',').Select(name => partitions.FirstOrDefault(partition => partition.Name == name)
                ?? throw new SlurmException(SlurmFault.Specification, $"there is no partition '{name}' here; the partitions are {string.Join(", ", partitions.Select(partition => partition.Name))}"))]
            : [.. partitions.Where(partition => partition.IsDefault)];
        if (mine.Length > 0 && mine.Max(partition => partition.Nodes) is var most && most < job.Nodes.Least)
        {
            throw new SlurmException(SlurmFault.Specification,
                $"{job.Name} asks for {job.Nodes} nodes, but {string.Join(" and ", mine.Select(partition => $"partition {partition.Name} has {partition.Nodes}"))}");
        }
    }

    /// <summary>The partitions of the cluster.</summary>
    /// <exception cref="SlurmException">Slurm is missing or does not answer.</exception>
    public static IReadOnlyList<Partition> Partitions() =>
    [
        .. Lines("sinfo", "--noheader", "--format=%P|%D").Select(fields => new Partition(fields[0].TrimEnd('*'), int.Parse(fields[1], CultureInfo.InvariantCulture), fields[0].EndsWith('*')))
            .GroupBy(partition => partition.Name).Select(rows => rows.First() with { Nodes = rows.Sum(row => row.Nodes) }),
    ];

    /// <summary>Where a job is; of an array, where each of its tasks is.</summary>
    /// <param name="id">The job's number.</param>
    /// <exception cref="SlurmException">Slurm is missing or does not answer.</exception>
    public static IReadOnlyList<JobState> StatesOf(string id)
    {
        (int code, string output, string errors) = SlurmProgram.Run("squeue", "--noheader", "--states=all", "--array", $"--jobs={id}", "--format=%i|%T|%r|%M|%N|%A");
        if (code != 0 && !errors.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase))
            throw Failed("squeue", errors);
        List<string[]> rows = code == 0 ? Split(output) : [];
        if (rows.Count == 0)
            return [new JobState(id, JobState.Forgotten, "", "", "", ExitCode: null)];
        return [.. rows.Select(row => WithEnd(new JobState(row[0], row[1], row[2] == "None" ? "" : row[2], row[3], row[4], ExitCode: null), row[5]))];
    }

    /// <summary>Takes a job out of the queue, or ends it.</summary>
    /// <param name="id">The job's number, or that of a task.</param>
    /// <exception cref="SlurmException">Slurm is missing, does not answer or does not know the job.</exception>
    public static void Cancel(string id)
    {
        (int code, _, string errors) = SlurmProgram.Run("scancel", id);
        if (code != 0)
            throw new SlurmException(SlurmFault.Specification, $"job {id} cannot be cancelled: {Sentence(errors)}");
    }

    private static JobState WithEnd(JobState state, string ownId)
    {
        if (!state.HasEnded)
            return state;
        (int code, string output, _) = SlurmProgram.Run("scontrol", "--oneliner", "show", "job", ownId);
        // ExitCode=STATUS:SIGNAL
        string? field = code != 0 ? null : output.Split(' ').FirstOrDefault(word => word.StartsWith("ExitCode=", StringComparison.Ordinal));
        int[]? parts = field?["ExitCode=".Length..].Split(':').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1).ToArray();
        return parts is [>= 0 and var status, >= 0 and var signal] ? state with { ExitCode = signal > 0 ? 128 + signal : status } : state;
    }

    private static List<string[]> Lines(string program, params IEnumerable<string> arguments)
    {
        (int code, string output, string errors) = SlurmProgram.Run(program, arguments);
        return code == 0 ? Split(output) : throw Failed(program, errors);
    }

    private static List<string[]> Split(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(Separator))];

    private static SlurmException Failed(string program, string errors) => new(SlurmFault.Environment, $"{program} does not work here: {Sentence(errors)}");

    /// <summary>The last line of what a command complains about, without its own name before it.</summary>
    private static string Sentence(string errors)
    {
        string line = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it does not say why";
        int mark = line.IndexOf("error: ", StringComparison.Ordinal);
        return mark < 0 ? line : line[(mark + "error: ".Length)..];
    }
}

/// <summary>A partition of a cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Nodes">Its nodes, whatever they do at the moment.</param>
/// <param name="IsDefault">Whether jobs get there that name none.</param>
public sealed record Partition(string Name, int Nodes, bool IsDefault);

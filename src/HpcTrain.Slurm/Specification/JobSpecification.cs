using System.Text.Json.Serialization;

namespace HpcTrain.Slurm;

/// <summary>The MPI whose ranks a job starts: it decides what srun must speak to them.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobMpi>))]
public enum JobMpi
{
    /// <summary>Open MPI: <c>srun --mpi=pmix</c>.</summary>
    [JsonStringEnumMemberName("openmpi")] OpenMpi,

    /// <summary>MPICH, Intel MPI, MVAPICH: <c>srun --mpi=pmi2</c>.</summary>
    [JsonStringEnumMemberName("mpich")] Mpich,

    /// <summary>No MPI: the ranks do not know of each other, <c>srun --mpi=none</c>.</summary>
    [JsonStringEnumMemberName("none")] None,
}

/// <summary>
/// What a job is, whoever runs it: a program, its ranks, what they need, and what happens when they are stopped. <see cref="BatchScript"/> turns it into
/// the text that <c>sbatch</c> takes; <see cref="LocalRun"/> runs the same on this machine. In JSON its properties are in snake_case, see
/// <see cref="SpecificationFile"/>.
/// </summary>
public sealed record JobSpecification
{
    /// <summary>The job's name in the queue: letters, digits and <c>_.-</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The program of every rank: a path, relative to <see cref="Folder"/>, or a name in PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The folder that ranks start in; null: where the job is submitted.</summary>
    public string? Folder { get; init; }

    /// <summary>Nodes.</summary>
    public NodeRange Nodes { get; init; } = new(1, 1);

    /// <summary>Ranks on each node.</summary>
    public int RanksPerNode { get; init; } = 1;

    /// <summary>CPUs of each rank.</summary>
    public int CpusPerRank { get; init; } = 1;

    /// <summary>GPUs of each rank, bound to it alone.</summary>
    public int GpusPerRank { get; init; }

    /// <summary>The time limit as Slurm writes it: minutes, <c>hours:minutes:seconds</c>, <c>days-hours</c>; null: the partition's.</summary>
    public string? Time { get; init; }

    /// <summary>The partition; null: the cluster's default.</summary>
    public string? Partition { get; init; }

    /// <summary>Whose budget it is on; null: the user's default.</summary>
    public string? Account { get; init; }

    /// <summary>Indices of a job array as Slurm writes them, <c>0-9%2</c>; null: no array, or that of <see cref="Parameters"/>.</summary>
    public string? Array { get; init; }

    /// <summary>
    /// A sweep: one task of a job array for each of these, which runs the program with these options besides <see cref="Arguments"/>: <c>learning-rate</c> and
    /// 0.1 become <c>--learning-rate 0.1</c>.
    /// </summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Parameters { get; init; } = [];

    /// <summary>How many tasks of the sweep may run at once; null: as many as there is room for.</summary>
    public int? AtOnce { get; init; }

    /// <summary>Jobs that must have come to something first, as Slurm writes it: <c>afterok:17:18</c>.</summary>
    public string? Dependency { get; init; }

    /// <summary>What happens when the job is stopped before its end; null: it is not run again.</summary>
    public RequeuePolicy? Requeue { get; init; }

    /// <summary>Environment variables of the ranks.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment modules to load first.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>The container that the ranks run in: <c>apptainer:image.sif</c>, <c>singularity:...</c>, or <c>pyxis:...</c> for a plugin of srun; null: none.</summary>
    public string? Container { get; init; }

    /// <summary>The ranks' MPI.</summary>
    public JobMpi Mpi { get; init; }

    /// <summary>
    /// For training jobs of HpcTrain: their run folder. They get <c>--run-dir</c> with it at first and <c>--resume</c> when they are run again, and tasks of an array
    /// have folders of their own in it. With a slash at its end it is where each submission gets a run folder of its own (<see cref="WithOwnRunFolder"/>). Null: the
    /// program knows of no such options.
    /// </summary>
    public string? RunFolder { get; init; }

    /// <summary>Any other option of sbatch by its long name, with its value, empty for one that has none: <c>{"exclusive": "", "mem": "8G"}</c>.</summary>
    public IReadOnlyDictionary<string, string> Sbatch { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it is a job array, by its indices or by its parameters.</summary>
    [JsonIgnore]
    public bool IsArray => Array is not null || Parameters.Count > 0;

    /// <summary>The specification for one submission: with a run folder that no other has, where <see cref="RunFolder"/> only says where to make it.</summary>
    public JobSpecification WithOwnRunFolder() =>
        RunFolder is { } where && where.EndsWith('/') ? this with { RunFolder = Path.Combine(where, Submission.NewName(Name)) } : this;
}

/// <summary>A job that is stopped (at its time limit, by preemption, by a node that dies) goes back into the queue and goes on.</summary>
public sealed record RequeuePolicy
{
    /// <summary>How often at most: something that always fails must not run for ever.</summary>
    public int AtMost { get; init; } = 10;

    /// <summary>How long before the time limit the ranks are warned, by SIGUSR2; also when others need the nodes, as long as the cluster then allows.</summary>
    public int WarningSeconds { get; init; } = 120;
}

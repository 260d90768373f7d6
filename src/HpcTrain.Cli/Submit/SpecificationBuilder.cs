using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using HpcTrain.CommandLine;
using HpcTrain.Slurm;

namespace HpcTrain.Cli.Submit;

/// <summary>
/// What a job on the command line means: a specification in a file, a training job of the repository by its folder, or any program; with what the options say instead of it.
/// </summary>
internal static partial class SpecificationBuilder
{
    /// <summary>The specification for one job of the command line.</summary>
    /// <param name="word">The job.</param>
    /// <param name="options">The options.</param>
    /// <param name="arguments">The job's own arguments, which stand after <c>--</c>.</param>
    /// <param name="runs">Where run folders are made.</param>
    public static JobSpecification Build(string word, SubmitOptions options, string[] arguments, string runs)
    {
        JobSpecification job = word.EndsWith(".json", StringComparison.Ordinal) ? SpecificationFile.Read(word)
            : Directory.Exists(word) ? TrainingJob(word, runs)
            : Program(word);
        job = job with
        {
            Name = options.Name ?? job.Name,
            Arguments = [.. job.Arguments, .. arguments],
            Folder = job.Folder ?? Directory.GetCurrentDirectory(),
            Nodes = options.Nodes is { } nodes ? NodeRange.Parse(nodes) : job.Nodes,
            RanksPerNode = options.RanksPerNode ?? job.RanksPerNode,
            CpusPerRank = options.Cpus ?? job.CpusPerRank,
            GpusPerRank = options.Gpus ?? job.GpusPerRank,
            Time = options.Time ?? job.Time,
            Partition = options.Partition ?? job.Partition,
            Account = options.Account ?? job.Account,
            Mpi = options.Mpi is { } mpi ? MpiOf(mpi) : job.Mpi,
            Dependency = After(job.Dependency, options.After?.Split(',') ?? []),
            Requeue = RequeueOf(job.Requeue, options),
            Parameters = options.Sweep is { } sweep ? Sweep.Read(sweep) : job.Parameters,
            AtOnce = options.AtOnce ?? job.AtOnce,
            Environment = With(job.Environment, options.Variables, "--env", needsValue: true),
            Modules = [.. job.Modules, .. options.Modules],
            Container = options.Container ?? job.Container,
            Sbatch = With(job.Sbatch, options.Sbatch, "--sbatch", needsValue: false),
        };
        // A rank that Slurm has not bound to its cores would take all of the node's.
        if (job.RunFolder is not null && !job.Arguments.Any(argument => argument == "--threads" || argument.StartsWith("--threads=", StringComparison.Ordinal)))
            job = job with { Arguments = ["--threads", job.CpusPerRank.ToString(CultureInfo.InvariantCulture), .. job.Arguments] };
        SpecificationCheck.Check(job);
        return job;
    }

    /// <summary>A dependency on further jobs' good end.</summary>
    public static string? After(string? dependency, IEnumerable<string> ids)
    {
        string[] all = [.. ids];
        if (all.FirstOrDefault(id => !NumberPattern().IsMatch(id)) is { } wrong)
            throw new UsageException($"--after is '{wrong}'; it must be numbers of jobs, separated by commas, as 17,18");
        if (all.Length == 0)
            return dependency;
        string after = $"afterok:{string.Join(':', all)}";
        return dependency is null ? after : $"{dependency},{after}";
    }

    private static JobSpecification TrainingJob(string folder, string runs)
    {
        string[] projects = Directory.GetFiles(folder, "*.csproj");
        if (projects.Length != 1)
            throw new UsageException($"{folder} is no folder of a training job: it has {projects.Length} projects (*.csproj) and must have one; jobs/FashionMnist has");
        // The same rule as setup.sh's: FashionMnist becomes fashion-mnist.
        string name = WordBoundary().Replace(Path.GetFileNameWithoutExtension(projects[0]), "$1-$2").ToLowerInvariant();
        DirectoryInfo? root = new DirectoryInfo(folder).Parent;
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "setup.sh")))
            root = root.Parent;
        string program = Path.Combine(root?.FullName ?? ".", "artifacts", "bin", name);
        if (!File.Exists(program))
            throw new UsageException($"{folder} is not built, there is no {program}: run {Path.Combine(root?.FullName ?? ".", "setup.sh")} first");
        return new()
        {
            Name = name,
            Program = program,
            RunFolder = Path.GetFullPath(runs).TrimEnd('/') + "/",
            Environment = new Dictionary<string, string>
            {
                // Nodes find neither by themselves: .NET where it is in no usual place, data where the job starts elsewhere.
                ["DOTNET_ROOT"] = Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
                ["HPCTRAIN_DATA"] = Path.GetFullPath(Environment.GetEnvironmentVariable("HPCTRAIN_DATA") ?? Path.Combine(root!.FullName, "data")),
            },
        };
    }

    private static JobSpecification Program(string word)
    {
        string? path = word.Contains('/', StringComparison.Ordinal) ? (File.Exists(word) ? Path.GetFullPath(word) : null) : Info.Probes.ExternalProgram.Find(word) is null ? null : word;
        return path is null
            ? throw new UsageException($"there is no job '{word}': neither a specification (*.json), a folder of a training job, as jobs/FashionMnist, nor a program")
            : new() { Name = NamePattern().Replace(Path.GetFileNameWithoutExtension(word), "-"), Program = path };
    }

    private static RequeuePolicy? RequeueOf(RequeuePolicy? policy, SubmitOptions options)
    {
        if (options.Requeue)
            policy ??= new RequeuePolicy();
        if (policy is null)
        {
            return options.Warning is null && options.RequeueLimit is null
                ? null : throw new UsageException("--warning and --requeue-limit belong to --requeue, which is not given");
        }
        return policy with { WarningSeconds = options.Warning ?? policy.WarningSeconds, AtMost = options.RequeueLimit ?? policy.AtMost };
    }

    private static JobMpi MpiOf(string name) => name switch
    {
        "openmpi" => JobMpi.OpenMpi,
        "mpich" => JobMpi.Mpich,
        "none" => JobMpi.None,
        _ => throw new UsageException($"--mpi is '{name}'; it must be openmpi, mpich or none"),
    };

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> values, IEnumerable<string> words, string option, bool needsValue)
    {
        var all = values.ToDictionary();
        foreach (string word in words)
        {
            string[] parts = word.Split('=', 2);
            if (parts[0].Length == 0 || (needsValue && parts.Length < 2))
                throw new UsageException($"{option} is '{word}'; it must be {(needsValue ? "NAME=VALUE" : "NAME or NAME=VALUE, as mem=8G")}");
            all[parts[0].TrimStart('-')] = parts.ElementAtOrDefault(1) ?? "";
        }
        return all;
    }

    [GeneratedRegex("([a-z0-9])([A-Z])")]
    private static partial Regex WordBoundary();

    [GeneratedRegex("[^A-Za-z0-9._-]")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^\d+(_\d+)?\z")]
    private static partial Regex NumberPattern();
}

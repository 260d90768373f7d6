using HpcTrain.Mpi;

namespace HpcTrain.Slurm;

/// <summary>
/// A specification without Slurm: as many ranks as its least number of nodes would have, on this machine, under mpirun; tasks of an array one after the other. Modules, containers,
/// time limits and what else only a cluster has are left out, and said.
/// </summary>
public static class LocalRun
{
    /// <summary>By it numerical libraries know how many threads a rank shall compute with.</summary>
    internal const string ThreadsVariable = "OMP_NUM_THREADS";

    /// <summary>Runs it to its end; what the ranks write goes where this process's output goes.</summary>
    /// <param name="job">The specification.</param>
    /// <param name="say">Gets a sentence about what is left out, and about each task.</param>
    /// <returns>The exit code of the first task that failed, or 0.</returns>
    /// <exception cref="SlurmException">The specification asks for what cannot be.</exception>
    /// <exception cref="MpiException">No mpirun of its MPI is installed.</exception>
    public static int Run(JobSpecification job, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(job);
        job = job.WithOwnRunFolder();
        SpecificationCheck.Check(job);
        ArgumentNullException.ThrowIfNull(say);
        if (LeftOut(job) is { Count: > 0 } left)
            say($"{job.Name} runs on this machine, without {string.Join(", ", left)}");
        int ranks = job.Nodes.Least * job.RanksPerNode, tasks = Math.Max(1, job.Parameters.Count), first = 0;
        // Only the open one may take whichever is there: without MPI the ranks need a launcher all the same.
        var launcher = LocalLauncher.Find(job.Mpi switch { JobMpi.OpenMpi => MpiFlavor.OpenMpi, JobMpi.Mpich => MpiFlavor.Mpich, _ => null });
        string back = Directory.GetCurrentDirectory();
        try
        {
            if (job.Folder is { } folder)
                Directory.SetCurrentDirectory(folder);
            for (int task = 0; task < tasks; task++)
            {
                IEnumerable<string> arguments = [.. job.Arguments, .. job.Parameters.Count > 0 ? BatchScript.ParametersOf(job, task) : [], .. RunFolderWords(job, task)];
                if (tasks > 1)
                    say($"{job.Name}, task {task} of {tasks}: {Shell.Quote(BatchScript.ParametersOf(job, task))}");
                LocalJobEnd end = LocalJob.Run(launcher.Command(ranks, job.Program, arguments, Variables(job)));
                first = first == 0 ? end.ExitCode : first;
            }
            return first;
        }
        catch (DirectoryNotFoundException e)
        {
            throw new SlurmException(SlurmFault.Specification, $"folder is '{job.Folder}', which does not exist", e);
        }
        finally
        {
            Directory.SetCurrentDirectory(back);
        }
    }

    /// <summary>As the batch script chooses them.</summary>
    internal static IEnumerable<string> RunFolderWords(JobSpecification job, int task)
    {
        if (job.RunFolder is not { } run)
            return [];
        string folder = job.IsArray ? Path.Combine(run, FormattableString.Invariant($"task-{task}")) : run;
        return [File.Exists(Path.Combine(folder, "config.json")) ? "--resume" : "--run-dir", folder];
    }

    private static Dictionary<string, string> Variables(JobSpecification job)
    {
        var variables = job.Environment.ToDictionary();
        variables.TryAdd(ThreadsVariable, FormattableString.Invariant($"{job.CpusPerRank}"));
        return variables;
    }

    private static List<string> LeftOut(JobSpecification job)
    {
        List<string> left = [];
        void Add(bool isAsked, string what)
        {
            if (isAsked)
                left.Add(what);
        }
        Add(job.Nodes.Least > 1, "nodes of its own");
        Add(job.Modules.Count > 0, $"the modules {string.Join(", ", job.Modules)}");
        Add(job.Container is not null, $"the container {job.Container}");
        Add(job.Time is not null, "its time limit");
        Add(job.Requeue is not null, "a queue to go back to");
        Add(job.Dependency is not null, $"waiting for {job.Dependency}");
        Add(job.GpusPerRank > 0, "GPUs bound to ranks");
        Add(job.Array is not null, $"the other tasks of the array {job.Array}");
        Add(job.Sbatch.Count > 0, $"sbatch's {string.Join(", ", job.Sbatch.Keys.Order(StringComparer.Ordinal).Select(name => $"--{name}"))}");
        return left;
    }
}

using System.Globalization;

namespace HpcTrain.Slurm;

/// <summary>
/// The words before a program that make it ranks of a job. srun takes nodes and ranks per node from the job, but since Slurm 22.05 not the CPUs of a rank. With the
/// wrong <c>--mpi</c> every rank would be a world of its own; without <c>-K</c> ranks wait for ever for one that has died.
/// </summary>
internal static class LaunchLine
{
    public static IEnumerable<string> Words(JobSpecification job)
    {
        List<string> words =
        [
            "srun", "-K", $"--mpi={Protocol(job.Mpi)}", string.Create(CultureInfo.InvariantCulture, $"--cpus-per-task={job.CpusPerRank}"),
        ];
        if (job.GpusPerRank > 0)
            words.Add(string.Create(CultureInfo.InvariantCulture, $"--gpus-per-task={job.GpusPerRank}"));
        if (job.Container is { } container)
        {
            int colon = container.IndexOf(':', StringComparison.Ordinal);
            string runtime = container[..colon], image = container[(colon + 1)..];
            if (runtime == "pyxis")
                words.Add($"--container-image={image}");
            else
                words.AddRange([runtime, "exec", .. job.GpusPerRank > 0 ? ["--nv"] : System.Array.Empty<string>(), image]);
        }
        return words;
    }

    private static string Protocol(JobMpi mpi) => mpi switch
    {
        JobMpi.OpenMpi => "pmix",
        JobMpi.Mpich => "pmi2",
        _ => "none",
    };
}

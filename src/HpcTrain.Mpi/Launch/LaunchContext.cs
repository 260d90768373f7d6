using System.Collections;
using System.Globalization;

namespace HpcTrain.Mpi;

/// <summary>What started this process as a rank.</summary>
public enum Launcher
{
    /// <summary>Nothing: the process was started on its own and is a world of one rank.</summary>
    None,

    /// <summary>Open MPI's mpirun.</summary>
    OpenMpi,

    /// <summary>Hydra, the mpirun of MPICH, Intel MPI and MVAPICH, or another launcher that speaks PMI-1.</summary>
    Hydra,

    /// <summary>Slurm's srun.</summary>
    Slurm,
}

/// <summary>
/// What the launcher told this process through its environment. Known before MPI is loaded, so a rank can name itself in
/// messages, choose its MPI library, and notice a library that does not see the other ranks.
/// </summary>
/// <param name="Launcher">Who started the process.</param>
/// <param name="Size">Ranks in the job, as the launcher says; 1 without a launcher.</param>
/// <param name="Rank">This process's rank in the job; 0 without a launcher.</param>
/// <param name="LocalRank">The rank among those on this node; 0 if the launcher does not say.</param>
/// <param name="LocalSize">Ranks on this node; 1 without a launcher, 0 if the launcher does not say.</param>
/// <param name="NodeId">The number of this node in the job, or null if the launcher does not say.</param>
public sealed record LaunchContext(Launcher Launcher, int Size, int Rank, int LocalRank, int LocalSize, int? NodeId)
{
    /// <summary>Reads this process's environment.</summary>
    /// <returns>The context.</returns>
    public static LaunchContext Detect() => Detect(ProcessEnvironment());

    /// <summary>
    /// Reads an environment; a pure function. Open MPI's variables come first, then PMI's, then Slurm's: under mpirun
    /// inside a batch job the SLURM_* variables belong to the launcher's daemon and not to the rank. Slurm's count only
    /// inside a step that srun started, because the batch script itself has a SLURM_PROCID too.
    /// </summary>
    /// <param name="environment">Variables and their values.</param>
    /// <returns>The context.</returns>
    public static LaunchContext Detect(IReadOnlyDictionary<string, string> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var slurmNode = Number("SLURM_NODEID");

        if (Number("OMPI_COMM_WORLD_RANK") is { } openMpiRank && Number("OMPI_COMM_WORLD_SIZE") is { } openMpiSize)
        {
            return new(Launcher.OpenMpi, openMpiSize, openMpiRank, Number("OMPI_COMM_WORLD_LOCAL_RANK") ?? 0,
                Number("OMPI_COMM_WORLD_LOCAL_SIZE") ?? 0, slurmNode);
        }

        var slurmRank = Number("SLURM_PROCID");
        var slurmSize = Number("SLURM_STEP_NUM_TASKS") ?? (environment.ContainsKey("SLURM_STEP_ID") ? Number("SLURM_NTASKS") : null);
        if (Number("PMI_RANK") is { } pmiRank && Number("PMI_SIZE") is { } pmiSize)
        {
            // srun --mpi=pmi2 sets PMI_RANK as well. Hydra leaves its own marks, and its daemon's SLURM_PROCID is not ours.
            var hydra = environment.ContainsKey("MPI_LOCALRANKID") || environment.ContainsKey("HYDI_CONTROL_FD")
                || environment.Keys.Any(name => name.StartsWith("HYDRA_", StringComparison.Ordinal));
            if (hydra || slurmRank != pmiRank || slurmSize != pmiSize)
            {
                return new(Launcher.Hydra, pmiSize, pmiRank, Number("MPI_LOCALRANKID") ?? 0, Number("MPI_LOCALNRANKS") ?? 0,
                    slurmNode);
            }
        }

        if (slurmRank is { } stepRank && slurmSize is { } stepSize)
        {
            return new(Launcher.Slurm, stepSize, stepRank, Number("SLURM_LOCALID") ?? 0,
                TasksOnNode(environment.GetValueOrDefault("SLURM_STEP_TASKS_PER_NODE", ""), slurmNode ?? 0), slurmNode);
        }

        return new(Launcher.None, Size: 1, Rank: 0, LocalRank: 0, LocalSize: 1, NodeId: null);

        int? Number(string name) =>
            environment.TryGetValue(name, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    internal static Dictionary<string, string> ProcessEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    /// <summary>Slurm writes "4(x2),3": two nodes with four tasks, then one with three. 0 if it cannot be read.</summary>
    internal static int TasksOnNode(string list, int node)
    {
        foreach (var part in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var paren = part.IndexOf("(x", StringComparison.Ordinal);
            var repeat = 1;
            if (!int.TryParse(paren < 0 ? part : part[..paren], out var tasks)
                || (paren >= 0 && !int.TryParse(part[(paren + 2)..].TrimEnd(')'), out repeat)))
                return 0;
            if (node < repeat)
                return tasks;
            node -= repeat;
        }

        return 0;
    }
}

/// <summary>Names of launchers for messages.</summary>
public static class LauncherNames
{
    /// <summary>The name users know.</summary>
    /// <param name="launcher">The launcher.</param>
    /// <returns>Words for a sentence, such as <c>Open MPI's mpirun</c>.</returns>
    public static string DisplayName(this Launcher launcher) => launcher switch
    {
        Launcher.OpenMpi => "Open MPI's mpirun",
        Launcher.Hydra => "MPICH's mpirun (Hydra)",
        Launcher.Slurm => "srun",
        _ => "no launcher",
    };

    /// <summary>The name users know.</summary>
    /// <param name="flavor">The flavour.</param>
    /// <returns><c>Open MPI</c>, <c>MPICH</c> or <c>MPI standard ABI</c>.</returns>
    public static string DisplayName(this MpiFlavor flavor) => flavor switch
    {
        MpiFlavor.OpenMpi => "Open MPI",
        MpiFlavor.Mpich => "MPICH",
        _ => "MPI standard ABI",
    };
}

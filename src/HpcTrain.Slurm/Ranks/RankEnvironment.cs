using System.Globalization;
using HpcTrain.Mpi;
using HpcTrain.Topology;

namespace HpcTrain.Slurm;

/// <summary>
/// Where a rank is and what is its own: its place among the others, its node, the ranks beside it, its GPU and cores, its job. Who it is comes from
/// <see cref="LaunchContext"/> (Open MPI's variables, then PMI's and Hydra's, then Slurm's of a step), and where no launcher of MPI says it, from the plain variables
/// <c>RANK</c>, <c>WORLD_SIZE</c>, <c>LOCAL_RANK</c> and <c>LOCAL_WORLD_SIZE</c> of torchrun and its like. What describes the job and not the rank comes from Slurm
/// whoever started the rank: those variables are the same in its daemons.
/// </summary>
public sealed record RankEnvironment
{
    private static readonly string[] s_gpuLists = ["CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ZE_AFFINITY_MASK", "GPU_DEVICE_ORDINAL"];

    /// <summary>What started the rank: <see cref="Launcher.None"/> for plain variables, and for a process of its own.</summary>
    public required Launcher Launcher { get; init; }

    /// <summary>Its number; 0 without a launcher.</summary>
    public required int Rank { get; init; }

    /// <summary>How many ranks there are; 1 without a launcher.</summary>
    public required int Size { get; init; }

    /// <summary>Its number among the ranks of its node.</summary>
    public required int LocalRank { get; init; }

    /// <summary>How many ranks its node has; null if nobody says it.</summary>
    public required int? LocalSize { get; init; }

    /// <summary>The name of its node.</summary>
    public required string Node { get; init; }

    /// <summary>All nodes of the job in their order; only its own if nobody says it.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>The ranks of its node, its own among them, ascending; null if nobody says it.</summary>
    public required IReadOnlyList<int>? Neighbours { get; init; }

    /// <summary>The GPUs that it may see, as the variables name them; null if nothing limits it; empty if it may see none.</summary>
    public required IReadOnlyList<string>? VisibleGpus { get; init; }

    /// <summary>The numbers of the cores that it may run on, ascending.</summary>
    public required IReadOnlyList<int> Cores { get; init; }

    /// <summary>The Slurm job that it is part of; null for none.</summary>
    public required string? JobId { get; init; }

    /// <summary>Its task of a job array; null for none.</summary>
    public required int? ArrayTask { get; init; }

    /// <summary>How often the job has been put back into the queue.</summary>
    public required int Restarts { get; init; }

    /// <summary>Reads this process's environment.</summary>
    public static RankEnvironment Detect()
    {
        var variables = new Dictionary<string, string>();
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        const string Field = "Cpus_allowed_list:";
        string? cores = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
        return Detect(variables, Environment.MachineName, cores?[Field.Length..].Trim() ?? "");
    }

    /// <summary>Reads an environment; a pure function.</summary>
    /// <param name="variables">Variables and their values.</param>
    /// <param name="host">The name of this machine.</param>
    /// <param name="cores">The cores that the kernel lets it run on, as "0-3,8".</param>
    public static RankEnvironment Detect(IReadOnlyDictionary<string, string> variables, string host, string cores)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var launch = LaunchContext.Detect(variables);
        int? localSize = launch.LocalSize == 0 ? null : launch.LocalSize;
        if (launch.Launcher == Launcher.None && Number("RANK") is { } rank && Number("WORLD_SIZE") is { } size && rank < size)
        {
            localSize = Number("LOCAL_WORLD_SIZE");
            launch = launch with { Size = size, Rank = rank, LocalRank = Number("LOCAL_RANK") ?? 0, LocalSize = localSize ?? 0 };
        }
        return new()
        {
            Launcher = launch.Launcher,
            Rank = launch.Rank,
            Size = launch.Size,
            LocalRank = launch.LocalRank,
            LocalSize = localSize,
            // Under mpirun SLURMD_NODENAME is that of whichever daemon started it, which is on the same node.
            Node = Text("SLURMD_NODENAME") ?? host,
            Nodes = NodesOf(Text("SLURM_STEP_NODELIST") is { } ofStep && launch.Launcher == Launcher.Slurm ? ofStep : Text("SLURM_JOB_NODELIST"), host),
            Neighbours = NeighboursOf(launch, localSize, launch.Launcher == Launcher.Slurm ? Text("SLURM_GTIDS") : null),
            VisibleGpus = s_gpuLists.FirstOrDefault(variables.ContainsKey) is { } name ? variables[name].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : null,
            Cores = CoresOf(cores),
            JobId = Text("SLURM_JOB_ID"),
            ArrayTask = Number("SLURM_ARRAY_TASK_ID"),
            Restarts = Number("SLURM_RESTART_COUNT") ?? 0,
        };

        string? Text(string name) => variables.TryGetValue(name, out string? text) && text.Length > 0 ? text : null;

        int? Number(string name) => Text(name) is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }

    /// <summary>
    /// The number, among the GPUs that it sees, of the one that a rank computes on: the only one that it was bound to, else one by its local rank, so that neighbours share as
    /// little as they can.
    /// </summary>
    /// <param name="devices">How many GPUs the rank's runtime finds.</param>
    /// <returns>The number from 0; null when there is none.</returns>
    public int? GpuOf(int devices)
    {
        int count = Math.Min(devices, VisibleGpus?.Count ?? devices);
        return count <= 0 ? null : LocalRank % count;
    }

    private static IReadOnlyList<string> NodesOf(string? list, string host)
    {
        try
        {
            return list is null ? [host] : HostList.Expand(list);
        }
        catch (TopologyException)
        {
            return [host]; // what cannot be read says nothing
        }
    }

    /// <summary>Slurm lists them for every step; elsewhere they are known only where all ranks are on one node.</summary>
    private static int[]? NeighboursOf(LaunchContext launch, int? localSize, string? listed)
    {
        if (listed is not null)
        {
            int[] ranks = [.. listed.Split(',').Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1).Order()];
            if (ranks.Contains(launch.Rank) && ranks[0] >= 0)
                return ranks;
        }
        return localSize == launch.Size ? [.. Enumerable.Range(0, launch.Size)] : null;
    }

    private static List<int> CoresOf(string list)
    {
        List<int> cores = [];
        foreach (string part in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] bounds = part.Split('-');
            if (int.TryParse(bounds[0], out int first) && int.TryParse(bounds[^1], out int last))
                cores.AddRange(Enumerable.Range(first, Math.Max(0, last - first + 1)));
        }
        return cores;
    }
}

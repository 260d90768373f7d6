using System.Globalization;
using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Mpi;

namespace HpcTrain.Benchmarking.Peers;

/// <summary>
/// Which algorithm variables of the environment make an MPI library use. Open MPI's <c>tuned</c> component obeys
/// <c>OMPI_MCA_coll_tuned_COLLECTIVE_algorithm</c>, by name or number, if <c>..._use_dynamic_rules</c> is set; MPICH obeys
/// <c>MPIR_CVAR_COLLECTIVE_INTRA_ALGORITHM</c>. Some of Open MPI's hand over to another without a word where they do not fit.
/// </summary>
internal static class VendorAlgorithm
{
    public const string Default = "default";

    // By number, from 1, as Open MPI 4.1 has them. The reduce-scatter is MPI_Reduce_scatter_block.
    private static readonly Dictionary<CollectiveKind, (string Name, string[] Algorithms)> s_openMpi = new()
    {
        [CollectiveKind.AllReduce] = ("allreduce", ["basic-linear", "nonoverlapping", "recursive-doubling", "ring", "segmented-ring", "rabenseifner"]),
        [CollectiveKind.ReduceScatter] = ("reduce_scatter_block", ["basic-linear", "recursive-doubling", "recursive-halving", "butterfly"]),
        [CollectiveKind.AllGather] = ("allgather", ["linear", "bruck", "recursive-doubling", "ring", "neighbor", "two-proc"]),
        [CollectiveKind.Reduce] = ("reduce", ["linear", "chain", "pipeline", "binary", "binomial", "in-order-binary", "rabenseifner"]),
        [CollectiveKind.Broadcast] = ("bcast", ["basic-linear", "chain", "pipeline", "split-binary-tree", "binary-tree", "binomial", "knomial",
            "scatter-allgather", "scatter-allgather-ring"]),
        [CollectiveKind.Gather] = ("gather", ["basic-linear", "binomial", "linear-sync"]),
        [CollectiveKind.Scatter] = ("scatter", ["basic-linear", "binomial", "linear-nb"]),
        [CollectiveKind.AllToAll] = ("alltoall", ["linear", "pairwise", "modified-bruck", "linear-sync", "two-proc"]),
        [CollectiveKind.Barrier] = ("barrier", ["linear", "double-ring", "recursive-doubling", "bruck", "two-proc", "tree"]),
    };

    // What Open MPI 4.1's sources hand over to, in the order in which one can follow the other.
    private static readonly (CollectiveKind Collective, string Asked, Func<Workload, bool> Hands, string Runs)[] s_handOvers =
    [
        (CollectiveKind.AllReduce, "ring", work => work.Count < work.Ranks, "recursive-doubling"),
        (CollectiveKind.AllReduce, "rabenseifner", FewerElementsThanPower, "basic-linear"),
        (CollectiveKind.AllGather, "recursive-doubling", work => !int.IsPow2(work.Ranks), "bruck"),
        (CollectiveKind.AllGather, "neighbor", work => work.Ranks % 2 != 0, "ring"),
        (CollectiveKind.Broadcast, "scatter-allgather", work => work.Count < work.Ranks, "basic-linear"),
        (CollectiveKind.Broadcast, "scatter-allgather-ring", work => work.Count < work.Ranks, "basic-linear"),
        (CollectiveKind.Reduce, "rabenseifner", FewerElementsThanPower, "linear"),
    ];

    /// <summary>The forced algorithm's name, or <see cref="Default"/>.</summary>
    public static string Of(Workload work, MpiFlavor flavor, bool isNonblocking, IReadOnlyDictionary<string, string> environment) => flavor switch
    {
        MpiFlavor.OpenMpi => OpenMpi(work, environment),
        MpiFlavor.Mpich => Mpich(work, isNonblocking, environment),
        _ => Default,
    };

    private static string OpenMpi(Workload work, IReadOnlyDictionary<string, string> environment)
    {
        (string name, string[] algorithms) = s_openMpi[work.Collective];
        string value = Plain(environment.GetValueOrDefault($"OMPI_MCA_coll_tuned_{name}_algorithm", ""));
        string rules = environment.GetValueOrDefault("OMPI_MCA_coll_tuned_use_dynamic_rules", "").ToUpperInvariant();
        bool isObeyed = rules is "1" or "TRUE" or "YES" or "ON" or "ENABLED";
        if (!isObeyed || value is "" or "0" or "ignore")
            return Default;
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= algorithms.Length)
            value = algorithms[number - 1];
        if (value == "segmented-ring" && !HasWholeSegments(work, environment))
            value = "ring";
        foreach ((CollectiveKind collective, string asked, Func<Workload, bool> hands, string runs) in s_handOvers)
        {
            if (collective == work.Collective && asked == value && hands(work))
                value = runs;
        }

        return value;
    }

    private static string Mpich(Workload work, bool isNonblocking, IReadOnlyDictionary<string, string> environment)
    {
        string name = (isNonblocking ? "I" : "") + s_openMpi[work.Collective].Name.ToUpperInvariant();
        string value = Plain(environment.GetValueOrDefault($"MPIR_CVAR_{name}_INTRA_ALGORITHM", ""));
        return value is "" or "auto" ? Default : value;
    }

    private static bool FewerElementsThanPower(Workload work) => work.Ranks < 2 || work.Count < 1 << (31 - int.LeadingZeroCount(work.Ranks));

    private static bool HasWholeSegments(Workload work, IReadOnlyDictionary<string, string> environment)
    {
        string text = environment.GetValueOrDefault("OMPI_MCA_coll_tuned_allreduce_algorithm_segmentsize", "");
        long size = work.Type.SizeInBytes();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            && bytes >= size
            && work.Count >= work.Ranks * (bytes / size);
    }

    private static string Plain(string value) => value.Trim().Replace('_', '-').ToLowerInvariant();
}

namespace HpcTrain.Collectives;

/// <summary>
/// Schedules as MSCCL algorithm files: the XML that msccl-tools writes and that the runtimes of Microsoft (msccl) and AMD (RCCL) load.
/// </summary>
public static partial class MscclXml
{
    // Offsets are 16 bits wide in the runtimes.
    private const int MostChunks = short.MaxValue;
    private const int MostRanks = 1 << 15;

    /// <summary>The names of collectives in files.</summary>
    private static readonly Dictionary<CollectiveKind, string> s_collectiveNames = new()
    {
        [CollectiveKind.AllReduce] = "allreduce",
        [CollectiveKind.ReduceScatter] = "reduce_scatter",
        [CollectiveKind.AllGather] = "allgather",
        [CollectiveKind.AllToAll] = "alltoall",
        [CollectiveKind.Reduce] = "reduce",
        [CollectiveKind.Broadcast] = "broadcast",
        [CollectiveKind.Gather] = "gather",
        [CollectiveKind.Scatter] = "scatter",
    };
}

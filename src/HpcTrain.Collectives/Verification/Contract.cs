namespace HpcTrain.Collectives.Verification;

/// <summary>What each collective starts from and what it owes: the one table that the verifier checks against.</summary>
internal static class Contract
{
    /// <summary>Whether the rank's data buffer holds its contribution to the chunk when the schedule starts.</summary>
    public static bool Contributes(Schedule schedule, int rank, int chunk) => schedule.Collective switch
    {
        CollectiveKind.AllReduce or CollectiveKind.ReduceScatter or CollectiveKind.Reduce or CollectiveKind.Barrier => true,
        CollectiveKind.AllGather or CollectiveKind.Gather or CollectiveKind.AllToAll => schedule.Chunks[chunk].Owner == rank,
        _ => schedule.Root == rank,
    };

    /// <summary>Whether the rank's data buffer must hold the chunk's result when the schedule ends.</summary>
    public static bool Receives(Schedule schedule, int rank, int chunk) => schedule.Collective switch
    {
        CollectiveKind.AllReduce or CollectiveKind.AllGather or CollectiveKind.Broadcast or CollectiveKind.Barrier => true,
        CollectiveKind.ReduceScatter or CollectiveKind.Scatter => schedule.Chunks[chunk].Owner == rank,
        CollectiveKind.AllToAll => schedule.Chunks[chunk].Target == rank,
        _ => schedule.Root == rank,
    };

    /// <summary>Whether the chunk has a place in the rank's data buffer: everywhere, except that an all-to-all has only the rank's own rows and columns.</summary>
    public static bool HasPlace(Schedule schedule, int rank, int chunk) =>
        schedule.Collective != CollectiveKind.AllToAll || schedule.Chunks[chunk].Owner == rank || schedule.Chunks[chunk].Target == rank;
}

namespace HpcTrain.Collectives.Verification;

/// <summary>What each collective starts from and what it owes: the one table that the verifier checks against.</summary>
internal static class Contract
{
    /// <summary>Whether the rank's data buffer holds its contribution to the chunk when the schedule starts.</summary>
    public static bool Contributes(Schedule schedule, int rank, int chunk) => schedule.Collective switch
    {
        CollectiveKind.AllReduce or CollectiveKind.ReduceScatter or CollectiveKind.Reduce => true,
        CollectiveKind.AllGather or CollectiveKind.Gather => schedule.Chunks[chunk].Owner == rank,
        _ => schedule.Root == rank,
    };

    /// <summary>Whether the rank's data buffer must hold the chunk's result when the schedule ends.</summary>
    public static bool Receives(Schedule schedule, int rank, int chunk) => schedule.Collective switch
    {
        CollectiveKind.AllReduce or CollectiveKind.AllGather or CollectiveKind.Broadcast => true,
        CollectiveKind.ReduceScatter or CollectiveKind.Scatter => schedule.Chunks[chunk].Owner == rank,
        _ => schedule.Root == rank,
    };
}

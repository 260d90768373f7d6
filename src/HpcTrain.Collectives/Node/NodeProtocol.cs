namespace HpcTrain.Collectives.Node;

/// <summary>How a node's ranks exchange data. The same on all ranks.</summary>
internal enum NodeProtocol
{
    /// <summary>Each rank puts its contribution into its slot, and whoever needs it takes it from there: one step for short messages.</summary>
    Slots,

    /// <summary>
    /// Ranks tell each other where their buffers are, and read and write them directly; or, where some are not visible, piece by piece through
    /// staging areas.
    /// </summary>
    Buffers,
}

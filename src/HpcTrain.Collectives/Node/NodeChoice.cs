namespace HpcTrain.Collectives.Node;

/// <summary>Which calls a node's engine does, and how.</summary>
internal static class NodeChoice
{
    /// <summary>The longest contribution that travels in slots: one step, at the price of every rank reducing everything.</summary>
    public const long MostSlotBytes = 16 * 1024;

    /// <summary>Decides about a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="asked">The algorithm that it asks for by name; null: any.</param>
    /// <param name="ranks">The ranks of the node.</param>
    /// <returns>What the engine does, or null when it is a case for schedules.</returns>
    public static (string Algorithm, NodeProtocol Protocol)? Of(in CollectiveCall call, string? asked, int ranks)
    {
        if (asked is not (null or "direct" or "one-shot"))
            return null;
        long payload = CallTraits.PayloadOf(in call, ranks);
        if (asked == "one-shot")
            return payload <= NodeBoard.SlotBytes ? (asked, NodeProtocol.Slots) : null;

        // An allreduce through slots is another algorithm: every rank reduces everything.
        bool isAllReduce = call.Collective == CollectiveKind.AllReduce;
        bool isShort = payload <= MostSlotBytes && !(isAllReduce && asked == "direct");
        return (isAllReduce && isShort ? "one-shot" : "direct", isShort ? NodeProtocol.Slots : NodeProtocol.Buffers);
    }
}

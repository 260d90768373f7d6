using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Node;

/// <summary>What a rank does in a call: what it gives, what it takes, from whom.</summary>
/// <param name="ElementBytes">The size of an element.</param>
/// <param name="PayloadBytes">The length of the contribution of a rank that gives.</param>
/// <param name="ContributedBytes">The length of the contribution; 0 where the rank has none.</param>
/// <param name="ResultBytes">The length of the result; 0 where the rank gets none.</param>
/// <param name="Gives">Whether others need its contribution.</param>
/// <param name="Takes">Whether it needs the contributions of others.</param>
/// <param name="Giver">The one rank that gives, or -1 when all do.</param>
/// <param name="Taker">The one rank that takes, or -1 when all do.</param>
internal readonly record struct CallTraits(
    int ElementBytes, long PayloadBytes, long ContributedBytes, long ResultBytes, bool Gives, bool Takes, int Giver, int Taker)
{
    public static CallTraits Of(in CollectiveCall call, int rank, int ranks)
    {
        int size = call.Type.SizeInBytes();
        CallRanges ranges = call.Ranges(rank, ranks);
        int giver = call.Collective is CollectiveKind.Broadcast or CollectiveKind.Scatter ? call.Root : -1;
        int taker = call.Collective is CollectiveKind.Reduce or CollectiveKind.Gather ? call.Root : -1;
        bool moves = call.Collective != CollectiveKind.Barrier;
        return new(
            size,
            PayloadOf(in call, ranks),
            moves ? ranges.Input.Length * size : 0,
            moves ? ranges.Output.Length * size : 0,
            moves && ranks > 1 && (giver < 0 ? taker != rank : giver == rank),
            ranks > 1 && (taker < 0 ? giver != rank : taker == rank),
            giver,
            taker);
    }

    /// <summary>The bytes that a rank which gives contributes.</summary>
    public static long PayloadOf(in CollectiveCall call, int ranks) => call.Collective switch
    {
        CollectiveKind.Barrier => 0,
        CollectiveKind.ReduceScatter or CollectiveKind.AllToAll or CollectiveKind.Scatter => call.Count * ranks * call.Type.SizeInBytes(),
        _ => call.Count * call.Type.SizeInBytes(),
    };
}

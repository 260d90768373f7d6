namespace HpcTrain.Collectives;

/// <summary>
/// What a schedule achieves. The data buffer has the same shape on every rank; the kind says which of its chunks hold
/// something before the schedule runs, and what they must hold afterwards.
/// </summary>
public enum CollectiveKind : byte
{
    /// <summary>Every rank contributes the whole buffer; every rank ends with the reduction.</summary>
    AllReduce,

    /// <summary>Every rank contributes the whole buffer; a chunk's owner ends with the chunk's reduction.</summary>
    ReduceScatter,

    /// <summary>A chunk's owner contributes it; every rank ends with all chunks.</summary>
    AllGather,

    /// <summary>Every rank contributes the whole buffer; the root ends with the reduction.</summary>
    Reduce,

    /// <summary>The root contributes the whole buffer; every rank ends with it.</summary>
    Broadcast,

    /// <summary>A chunk's owner contributes it; the root ends with all chunks.</summary>
    Gather,

    /// <summary>The root contributes the whole buffer; a chunk's owner ends with the chunk.</summary>
    Scatter,

    /// <summary>
    /// A chunk's owner contributes it; its target ends with it. There is a chunk, or several, for each pair of ranks. A rank holds in its data buffer
    /// the chunks that it owns and those that it is the target of, and passes others on in scratch buffers.
    /// </summary>
    AllToAll,

    /// <summary>
    /// No data: a rank may end only when it has heard of every rank. A contribution is a token that may come more than once.
    /// </summary>
    Barrier,
}

/// <summary>The names of collectives in texts and files.</summary>
public static class CollectiveKinds
{
    private static readonly string[] s_names =
        ["allreduce", "reduce-scatter", "allgather", "reduce", "broadcast", "gather", "scatter", "all-to-all", "barrier"];

    /// <summary>All names, in the order of <see cref="CollectiveKind"/>.</summary>
    public static IReadOnlyList<string> Names => s_names;

    /// <summary>The name in texts and files, for example <c>reduce-scatter</c>.</summary>
    public static string Name(this CollectiveKind kind) => s_names[(int)kind];

    /// <summary>Whether the kind has a root rank.</summary>
    public static bool HasRoot(this CollectiveKind kind) =>
        kind is CollectiveKind.Reduce or CollectiveKind.Broadcast or CollectiveKind.Gather or CollectiveKind.Scatter;

    /// <summary>
    /// By what the bandwidth of a call is multiplied to get that of the busiest link, whatever the number of ranks: what a rank must send at least,
    /// in buffers (busbw of nccl-tests).
    /// </summary>
    public static double BusFactor(this CollectiveKind kind, int ranks) => kind switch
    {
        CollectiveKind.AllReduce => 2.0 * (ranks - 1) / ranks,
        CollectiveKind.Broadcast or CollectiveKind.Reduce => 1,
        CollectiveKind.Barrier => 0,
        _ => (double)(ranks - 1) / ranks,
    };

    /// <summary>Whether every chunk needs an owner.</summary>
    public static bool HasOwners(this CollectiveKind kind) =>
        kind is CollectiveKind.ReduceScatter or CollectiveKind.AllGather or CollectiveKind.Gather or CollectiveKind.Scatter or CollectiveKind.AllToAll;

    /// <summary>Whether contributions are reduced.</summary>
    public static bool Reduces(this CollectiveKind kind) =>
        kind is CollectiveKind.AllReduce or CollectiveKind.ReduceScatter or CollectiveKind.Reduce;

    /// <summary>Finds a kind by its name. Case does not matter, and <c>_</c> counts as <c>-</c>; <c>alltoall</c>, <c>reducescatter</c> and the like are understood.</summary>
    public static bool TryParse(string name, out CollectiveKind kind)
    {
        string plain = Plain(name);
        int index = Array.FindIndex(s_names, known => Plain(known) == plain);
        kind = (CollectiveKind)Math.Max(index, 0);
        return index >= 0;
    }

    private static string Plain(string name) =>
        name.Trim().Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}

namespace HpcTrain.Collectives.Drawings;

/// <summary>How chunks are named and coloured.</summary>
internal sealed class ChunkLook(Schedule schedule)
{
    /// <summary>Whether each chunk of an all-to-all is all that one rank sends another.</summary>
    public bool IsOnePerPair { get; } = schedule.Collective == CollectiveKind.AllToAll && schedule.Chunks.Length == schedule.Ranks * schedule.Ranks;

    /// <summary>What the names of chunks are made of.</summary>
    public string Meaning => IsOnePerPair ? "chunk, from rank \u203a to rank" : "chunk";

    /// <summary>The name: <c>3</c>, <c>0-3</c>; in an all-to-all with one chunk for each pair, <c>1›4</c>.</summary>
    public string Name(ChunkRange chunks)
    {
        if (IsOnePerPair && chunks.Count == 1)
            return $"{schedule.Chunks[chunks.First].Owner}\u203a{schedule.Chunks[chunks.First].Target}";
        return chunks.Count == 1 ? $"{chunks.First}" : $"{chunks.First}\u2013{chunks.End - 1}";
    }

    /// <summary>The number of the colour: a chunk's owner has it where there are owners, else the chunk.</summary>
    public int Color(ChunkRange chunks) =>
        schedule.Chunks[chunks.First].Owner is var owner and >= 0 ? owner : chunks.First;
}

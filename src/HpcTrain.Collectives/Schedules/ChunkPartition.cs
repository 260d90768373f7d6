using System.Collections.Immutable;

namespace HpcTrain.Collectives;

/// <summary>
/// Where a schedule's chunks lie in a buffer of a given length. Every rank computes the same boundaries from the same weights,
/// length and element size, so a message's length never travels with it.
/// </summary>
/// <remarks>
/// Boundary c is floor(count x (w_0 + ... + w_(c-1)) / W), in exact arithmetic. Once chunks are long enough for it to cost no
/// balance, boundaries are moved down to whole cache lines, so that neighbours never write to the same line; but not where chunks have owners, whose
/// blocks begin where the caller expects them.
/// </remarks>
public sealed class ChunkPartition
{
    private const int CacheLineBytes = 64;
    private const int LinesPerChunkToAlign = 64;

    private readonly long[] _offsets;

    /// <summary>Cuts a buffer.</summary>
    /// <param name="chunks">The chunks with their weights.</param>
    /// <param name="count">The buffer's length in elements; 0 or more.</param>
    /// <param name="elementBytes">The size of an element in bytes.</param>
    public ChunkPartition(ImmutableArray<Chunk> chunks, long count, int elementBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(elementBytes, 1);
        Int128 total = 0;
        foreach (Chunk chunk in chunks)
            total += chunk.Weight;

        long lineElements = Math.Max(1, CacheLineBytes / elementBytes);
        bool owned = chunks.Length > 0 && chunks[0].Owner >= 0;
        long step = !owned && count / Math.Max(1, chunks.Length) >= LinesPerChunkToAlign * lineElements ? lineElements : 1;
        _offsets = new long[chunks.Length + 1];
        Int128 prefix = 0;
        for (int c = 0; c < chunks.Length; c++)
        {
            long exact = (long)(count * prefix / total);
            _offsets[c] = exact - (exact % step);
            prefix += chunks[c].Weight;
        }

        _offsets[^1] = count;
    }

    /// <summary>The first element of a run of chunks.</summary>
    public long Start(ChunkRange range) => _offsets[range.First];

    /// <summary>The length of a run of chunks in elements; 0 when the buffer has too few elements to go round.</summary>
    public long Length(ChunkRange range) => _offsets[range.End] - _offsets[range.First];
}

namespace HpcTrain.Collectives;

/// <summary>
/// A share of the buffer. A schedule does not know bytes: chunk c of a buffer is the interval between the prefix sums of the
/// weights, scaled to the buffer's length (see <see cref="ChunkPartition"/>).
/// </summary>
/// <param name="Weight">The numerator of the chunk's share; the denominator is the sum of all weights. At least 1.</param>
/// <param name="Owner">The rank that contributes or receives the chunk in collectives that have owners; otherwise -1.</param>
/// <param name="Target">The rank that receives the chunk in an all-to-all, where the owner contributes it; otherwise -1.</param>
public readonly record struct Chunk(long Weight, int Owner = -1, int Target = -1);

/// <summary>A run of neighbouring chunks, which one instruction moves as a whole.</summary>
/// <param name="First">The first chunk.</param>
/// <param name="Count">How many chunks; at least 1.</param>
public readonly record struct ChunkRange(int First, int Count = 1)
{
    /// <summary>The chunk after the last one.</summary>
    public int End => First + Count;

    /// <summary>A single chunk is the range of length one.</summary>
    public static implicit operator ChunkRange(int chunk) => new(chunk);

    /// <summary>Whether the two runs share a chunk.</summary>
    public bool Overlaps(ChunkRange other) => First < other.End && other.First < End;

    /// <summary><c>3</c> for one chunk, <c>3..5</c> for chunks 3, 4 and 5.</summary>
    public override string ToString() => Count == 1 ? $"{First}" : $"{First}..{End - 1}";
}

/// <summary>
/// One of a rank's buffers in a schedule: the data buffer, which holds the rank's contribution first and its result last, or a
/// numbered scratch buffer. All have the same length and the same chunks, so a place is a buffer and a chunk.
/// </summary>
/// <param name="Index">0 for data, k for scratch buffer k.</param>
public readonly record struct BufferId(byte Index)
{
    /// <summary>The buffer that the caller gave.</summary>
    public static BufferId Data => default;

    /// <summary>Scratch buffer <paramref name="number"/>, from 1 to 255. It holds nothing when the schedule starts.</summary>
    public static BufferId Scratch(int number = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, byte.MaxValue);
        return new((byte)number);
    }

    /// <summary>Finds a buffer by the name that <see cref="ToString"/> gives.</summary>
    public static bool TryParse(string text, out BufferId buffer)
    {
        buffer = Data;
        if (text == "data")
            return true;
        const string Prefix = "scratch";
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || !byte.TryParse(text.AsSpan(Prefix.Length), out byte number) || number == 0)
            return false;
        buffer = new(number);
        return true;
    }

    /// <summary><c>data</c>, <c>scratch1</c>, <c>scratch2</c>, ...</summary>
    public override string ToString() => Index == 0 ? "data" : $"scratch{Index}";
}

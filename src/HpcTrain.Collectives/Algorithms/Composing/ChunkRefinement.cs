using System.Collections.Immutable;
using System.Numerics;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Cuts the chunks of a composed schedule so finely that every chunk of every part is a list of them.</summary>
internal sealed class ChunkRefinement
{
    // Idea. A buffer is a line, chunk after chunk, as long as their weights. A part's block is a list of pieces of that line; put end to end, they are
    // cut in proportion to the weights of the part's chunks in that block. All weights are first scaled up so that every cut is a whole number. The
    // new chunks lie between neighbouring cuts of all parts.
    private readonly long[] _starts;
    private readonly long _scale = 1;
    private readonly List<long> _cuts;

    public ChunkRefinement(ImmutableArray<Chunk> chunks, IEnumerable<PlacedSchedule> parts)
    {
        PlacedSchedule[] all = [.. parts];
        foreach (PlacedSchedule part in all)
        {
            for (int block = 0; block < part.Blocks.Length; block++)
            {
                long shares = Shares(part, block).Sum();
                long weight = part.Blocks[block].Sum(c => chunks[c].Weight);
                _scale = Multiple(_scale, shares / (long)BigInteger.GreatestCommonDivisor(shares, weight));
            }
        }

        _starts = new long[chunks.Length + 1];
        for (int c = 0; c < chunks.Length; c++)
            _starts[c + 1] = checked(_starts[c] + (chunks[c].Weight * _scale));

        var cuts = new SortedSet<long>(_starts);
        foreach (PlacedSchedule part in all)
        {
            foreach ((long start, long end) in Pieces(part).SelectMany(pieces => pieces))
                cuts.UnionWith([start, end]);
        }

        _cuts = [.. cuts];
        long common = 0;
        for (int c = 1; c < _cuts.Count; c++)
            common = (long)BigInteger.GreatestCommonDivisor(common, _cuts[c] - _cuts[c - 1]);
        var refined = ImmutableArray.CreateBuilder<Chunk>(_cuts.Count - 1);
        for (int c = 0, coarse = 0; c < _cuts.Count - 1; c++)
        {
            while (_cuts[c] >= _starts[coarse + 1])
                coarse++;
            refined.Add(chunks[coarse] with { Weight = (_cuts[c + 1] - _cuts[c]) / common });
        }

        Chunks = refined.MoveToImmutable();
    }

    /// <summary>The chunks of the composed schedule.</summary>
    public ImmutableArray<Chunk> Chunks { get; }

    /// <summary>For each chunk of a part, the new chunks that it consists of.</summary>
    public ChunkRange[][] Find(PlacedSchedule part) =>
        [.. Pieces(part).Select(pieces => pieces.Select(piece => Range(piece.Start, piece.End)).ToArray())];

    private ChunkRange Range(long start, long end)
    {
        int first = _cuts.BinarySearch(start);
        return new(first, _cuts.BinarySearch(end) - first);
    }

    /// <summary>For each chunk of a part, where it lies on the line.</summary>
    private List<(long Start, long End)>[] Pieces(PlacedSchedule part)
    {
        ImmutableArray<Chunk> chunks = part.Schedule.Chunks;
        var pieces = new List<(long Start, long End)>[chunks.Length];
        int chunk = 0;
        for (int block = 0; block < part.Blocks.Length; block++)
        {
            long[] shares = Shares(part, block);
            long total = shares.Sum();
            long length = part.Blocks[block].Sum(c => _starts[c + 1] - _starts[c]);
            long before = 0;
            foreach (long share in shares)
            {
                pieces[chunk++] = Between(part.Blocks[block], length / total * before, length / total * (before + share));
                before += share;
            }
        }

        return pieces;
    }

    /// <summary>What lies from one length to another when the given chunks are put end to end.</summary>
    private List<(long Start, long End)> Between(ImmutableArray<int> chunks, long from, long to)
    {
        var pieces = new List<(long, long)>();
        long before = 0;
        foreach (int c in chunks)
        {
            long length = _starts[c + 1] - _starts[c];
            long start = Math.Max(from - before, 0), end = Math.Min(to - before, length);
            if (start < end)
                pieces.Add((_starts[c] + start, _starts[c] + end));
            before += length;
        }

        return pieces;
    }

    /// <summary>The weights of a part's chunks in one of its blocks, in lowest terms.</summary>
    private static long[] Shares(PlacedSchedule part, int block)
    {
        bool owned = part.Schedule.Collective.HasOwners();
        long[] weights = [.. part.Schedule.Chunks.Where(chunk => !owned || chunk.Owner == block).Select(chunk => chunk.Weight)];
        long common = (long)weights.Aggregate(BigInteger.Zero, (divisor, weight) => BigInteger.GreatestCommonDivisor(divisor, weight));
        return [.. weights.Select(weight => weight / common)];
    }

    private static long Multiple(long a, long b) => checked(a / (long)BigInteger.GreatestCommonDivisor(a, b) * b);
}

using System.Collections.Immutable;

namespace HpcTrain.Collectives;

/// <summary>
/// A collective as data: for each rank a program of lanes over weighted chunks of a buffer. A schedule is made by an algorithm
/// or read from a file; it is verified, printed, executed, and never changes.
/// </summary>
/// <remarks>
/// Programs are produced when they are asked for, so that a rank of a large job builds only its own. A schedule may be used by
/// several threads at once if its program source may; all of this assembly's are pure functions.
/// </remarks>
public sealed class Schedule
{
    /// <summary>Channels are numbered from 0 to this minus 1. A transport gives each its own message tag.</summary>
    public const int MaxChannels = 64;

    private readonly Func<int, RankProgram> _programs;

    /// <summary>Creates a schedule whose programs are made on demand.</summary>
    /// <param name="collective">What it achieves.</param>
    /// <param name="algorithm">The algorithm's name; what results report.</param>
    /// <param name="ranks">The number of ranks; at least 1.</param>
    /// <param name="chunks">The shares of the buffer; at least one, with weights of at least 1.</param>
    /// <param name="programs">Gives the program of a rank. Must be a pure function.</param>
    /// <param name="root">The root of a collective that has one; otherwise null.</param>
    /// <exception cref="ScheduleException">The parts do not fit together.</exception>
    public Schedule(
        CollectiveKind collective, string algorithm, int ranks, ImmutableArray<Chunk> chunks, Func<int, RankProgram> programs, int? root = null)
    {
        Collective = collective;
        Algorithm = algorithm;
        Ranks = ranks;
        Chunks = chunks;
        Root = root;
        _programs = programs;

        if (ranks < 1)
            throw new ScheduleException($"A schedule needs at least one rank, not {ranks}.");
        if (chunks.IsDefaultOrEmpty)
            throw new ScheduleException($"Schedule '{algorithm}' has no chunks; it needs at least one.");
        if (collective.HasRoot() != root.HasValue || root is { } r && (uint)r >= (uint)ranks)
            throw new ScheduleException(collective.HasRoot()
                ? $"Schedule '{algorithm}' is a {collective.Name()} on {ranks} ranks and needs a root from 0 to {ranks - 1}, not {root?.ToString() ?? "none"}."
                : $"Schedule '{algorithm}' names root {root}, but {collective.Name()} has no root.");
        for (int c = 0; c < chunks.Length; c++)
            CheckChunk(c);
        if (collective.HasOwners())
            CheckBlocks();
    }

    /// <summary>Creates a schedule from ready programs, one for each rank.</summary>
    public Schedule(CollectiveKind collective, string algorithm, ImmutableArray<Chunk> chunks, ImmutableArray<RankProgram> programs, int? root = null)
        : this(collective, algorithm, programs.Length, chunks, rank => programs[rank], root)
    {
    }

    /// <summary>What the schedule achieves.</summary>
    public CollectiveKind Collective { get; }

    /// <summary>The name of the algorithm that made it.</summary>
    public string Algorithm { get; }

    /// <summary>The number of ranks that take part.</summary>
    public int Ranks { get; }

    /// <summary>The root of a broadcast, reduce, gather or scatter; otherwise null.</summary>
    public int? Root { get; }

    /// <summary>The shares of the buffer.</summary>
    public ImmutableArray<Chunk> Chunks { get; }

    /// <summary>What <paramref name="rank"/> does.</summary>
    public RankProgram Program(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, Ranks);
        return _programs(rank);
    }

    /// <summary>Chunks of equal weight without owners.</summary>
    public static ImmutableArray<Chunk> EqualChunks(int count) => [.. Enumerable.Repeat(new Chunk(1), count)];

    /// <summary><paramref name="count"/> chunks of equal weight; chunk c belongs to rank c.</summary>
    public static ImmutableArray<Chunk> OwnedChunks(int count) => [.. Enumerable.Range(0, count).Select(rank => new Chunk(1, rank))];

    /// <summary>
    /// The chunks of an all-to-all, of equal weight: chunk <c>source * ranks + target</c> goes from the source to the target.
    /// </summary>
    public static ImmutableArray<Chunk> PairChunks(int ranks) =>
        [.. Enumerable.Range(0, ranks * ranks).Select(pair => new Chunk(1, pair / ranks, pair % ranks))];

    /// <summary>The schedule in one line, for example <c>ring: allreduce on 4 ranks, 4 chunks</c>.</summary>
    public override string ToString()
    {
        string root = Root is { } r ? $", root {r}" : "";
        return $"{Algorithm}: {Collective.Name()} on {Ranks} {(Ranks == 1 ? "rank" : "ranks")}{root}, "
            + $"{Chunks.Length} {(Chunks.Length == 1 ? "chunk" : "chunks")}";
    }

    /// <summary>Blocks are equal and in the order of ranks, since that is how callers lay them out.</summary>
    private void CheckBlocks()
    {
        bool pairs = Collective == CollectiveKind.AllToAll;
        var weights = new long[pairs ? Ranks * Ranks : Ranks];
        int last = 0;
        for (int c = 0; c < Chunks.Length; c++)
        {
            int block = pairs ? (Chunks[c].Owner * Ranks) + Chunks[c].Target : Chunks[c].Owner;
            if (block < last)
                throw new ScheduleException($"Schedule '{Algorithm}': chunk {c} comes after a chunk of a later rank; the chunks of a {Collective.Name()} are in the order of ranks.");
            weights[last = block] += Chunks[c].Weight;
        }

        if (Array.Exists(weights, weight => weight != weights[0]))
            throw new ScheduleException($"Schedule '{Algorithm}': the ranks have chunks of different weight; every block of a {Collective.Name()} has the same length.");
    }

    private void CheckChunk(int c)
    {
        Chunk chunk = Chunks[c];
        if (chunk.Weight < 1)
            throw new ScheduleException($"Schedule '{Algorithm}': chunk {c} has weight {chunk.Weight}; a weight is at least 1.");
        bool owned = (uint)chunk.Owner < (uint)Ranks;
        if (Collective.HasOwners() ? !owned : chunk.Owner != -1)
            throw new ScheduleException(Collective.HasOwners()
                ? $"Schedule '{Algorithm}': chunk {c} of a {Collective.Name()} needs an owner from 0 to {Ranks - 1}, not {chunk.Owner}."
                : $"Schedule '{Algorithm}': chunk {c} names owner {chunk.Owner}, but chunks of a {Collective.Name()} have no owner.");
        bool targeted = (uint)chunk.Target < (uint)Ranks;
        if (Collective == CollectiveKind.AllToAll ? !targeted : chunk.Target != -1)
            throw new ScheduleException(Collective == CollectiveKind.AllToAll
                ? $"Schedule '{Algorithm}': chunk {c} of an all-to-all needs a target from 0 to {Ranks - 1}, not {chunk.Target}."
                : $"Schedule '{Algorithm}': chunk {c} names target {chunk.Target}, but only chunks of an all-to-all have a target.");
    }
}

using System.Numerics;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>One step of recursive halving: two members that hold the same run split it between them.</summary>
/// <param name="Partner">The other one's rank.</param>
/// <param name="Kept">The half that this member keeps.</param>
/// <param name="Given">The half that it gives away.</param>
internal readonly record struct Exchange(int Partner, ChunkRange Kept, ChunkRange Given)
{
    // Idea. In each step a member meets the one whose number differs in one bit, and of the run of chunks that both still hold, the one with a 0
    // there keeps the lower half and the other the upper. After lg p steps every member is left with one share. Bits may be taken in either order:
    // the highest first leaves member m with share m; the lowest first gives the longest messages to the nearest members. Read backwards, the same
    // steps are recursive doubling: what was kept is sent, what was given comes back.

    /// <summary>The steps of one member in order.</summary>
    /// <param name="member">Its number.</param>
    /// <param name="members">How many there are; a power of two.</param>
    /// <param name="nearestFirst">Whether the lowest bit comes first.</param>
    /// <param name="rankOf">The rank of a member.</param>
    /// <param name="chunksOf">The chunks of a run of shares; there is a share for each member.</param>
    public static Exchange[] Steps(int member, int members, bool nearestFirst, Func<int, int> rankOf, Func<ChunkRange, ChunkRange> chunksOf)
    {
        var steps = new Exchange[BitOperations.Log2((uint)members)];
        var held = new ChunkRange(0, members);
        for (int step = 0; step < steps.Length; step++)
        {
            int bit = 1 << (nearestFirst ? step : steps.Length - 1 - step);
            var lower = new ChunkRange(held.First, held.Count / 2);
            var upper = new ChunkRange(lower.End, held.Count / 2);
            (held, ChunkRange given) = (member & bit) == 0 ? (lower, upper) : (upper, lower);
            steps[step] = new(rankOf(member ^ bit), chunksOf(held), chunksOf(given));
        }

        return steps;
    }
}

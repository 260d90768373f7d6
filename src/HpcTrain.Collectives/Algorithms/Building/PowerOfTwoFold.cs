using System.Numerics;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Brings any rank count down to a power of two for algorithms that pair ranks by the bits of their numbers.</summary>
internal readonly struct PowerOfTwoFold
{
    // Idea. Let p be the largest power of two in n. The n ranks are dealt evenly to p members, one or two neighbours each. The first of two is a
    // guest: it hands its contribution to the second, which takes part as the member, and waits for its share of the result. As pairs are spread
    // evenly, the blocks of any aligned run of members are the blocks of a run of ranks of nearly equal size, so that halves stay halves.
    // Cost, only when p < n: 2 alpha, and the bytes that are handed in and back; for an allreduce 2 bytes beta + bytes gamma.
    // Source: Rabenseifner, "Optimization of collective reduction operations", ICCS 2004, which pairs the first 2(n-p) ranks.
    private readonly int _ranks;

    public PowerOfTwoFold(int ranks)
    {
        _ranks = ranks;
        Members = 1 << BitOperations.Log2((uint)ranks);
    }

    /// <summary>The size of the group that takes part in the middle; a power of two.</summary>
    public int Members { get; }

    /// <summary>The steps of a recursion over the members.</summary>
    public int Steps => BitOperations.Log2((uint)Members);

    /// <summary>Whether any rank stays outside the group.</summary>
    public bool Folds => Members < _ranks;

    /// <summary>The number of the member that the rank is, or whose guest it is; from 0 to <see cref="Members"/> - 1.</summary>
    public int MemberOf(int rank) => (int)((((rank + 1L) * Members) - 1) / _ranks);

    /// <summary>The rank that takes part as this member.</summary>
    public int RankOf(int member) => RanksOf(member).End - 1;

    /// <summary>Whether the rank only hands over its contribution and waits for the result.</summary>
    public bool IsGuest(int rank) => HostOf(rank) != rank;

    /// <summary>The member that takes a guest in; the rank itself if it is none.</summary>
    public int HostOf(int rank) => RankOf(MemberOf(rank));

    /// <summary>The guest whose contribution a member takes in, or -1.</summary>
    public int GuestOf(int rank) => RanksOf(MemberOf(rank)) is { Count: 2 } both && both.First < rank ? both.First : -1;

    /// <summary>The ranks that a run of members stands for.</summary>
    public ChunkRange RanksOf(ChunkRange members)
    {
        int first = (int)((long)members.First * _ranks / Members);
        return new(first, (int)((long)members.End * _ranks / Members) - first);
    }

    /// <summary>
    /// The blocks, of one for each rank, that the busiest member receives while ranges are halved: p-1 of p when no rank is a guest, else up to one
    /// more in each step, where halves are not equal.
    /// </summary>
    public int HalvedBlocks
    {
        get
        {
            int blocks = 0;
            for (int shares = Members / 2; shares > 0; shares /= 2)
                blocks += (int)((((long)shares * _ranks) + Members - 1) / Members);
            return blocks;
        }
    }

    /// <summary>What it adds to an allreduce.</summary>
    public double Seconds(long bytes, CostModel model) =>
        Folds ? (2 * model.Alpha) + (2 * bytes * model.Beta) + (bytes * model.Gamma) : 0;
}

using System.Numerics;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Brings any rank count down to a power of two for algorithms that pair ranks by the bits of their numbers.</summary>
internal readonly struct PowerOfTwoFold
{
    // Idea. Let p be the largest power of two in n, and e = n - p. Of the first 2e ranks each even one hands its whole
    // contribution to the odd one above it and waits; the odd one and all ranks from 2e on form the group of p members. At the
    // end the odd one hands the result back. Cost: 2 alpha + 2 bytes beta + bytes gamma, only when e > 0.
    // Source: Rabenseifner, "Optimization of collective reduction operations", ICCS 2004; MPICH does the same.
    private readonly int _extra;

    public PowerOfTwoFold(int ranks)
    {
        Members = 1 << BitOperations.Log2((uint)ranks);
        _extra = ranks - Members;
    }

    /// <summary>The size of the group that takes part in the middle; a power of two.</summary>
    public int Members { get; }

    /// <summary>Whether any rank stays outside the group.</summary>
    public bool Folds => _extra > 0;

    /// <summary>Whether the rank only hands over its contribution and waits for the result.</summary>
    public bool IsGuest(int rank) => rank < 2 * _extra && rank % 2 == 0;

    /// <summary>The guest whose contribution a member takes in, or -1.</summary>
    public int GuestOf(int rank) => rank < 2 * _extra && rank % 2 == 1 ? rank - 1 : -1;

    /// <summary>The member's number in the group, from 0 to <see cref="Members"/> - 1.</summary>
    public int MemberOf(int rank) => rank < 2 * _extra ? rank / 2 : rank - _extra;

    /// <summary>The rank that has this number in the group.</summary>
    public int RankOf(int member) => member < _extra ? (2 * member) + 1 : member + _extra;

    /// <summary>What a guest does: hand over everything, take back the result.</summary>
    public static RankProgram GuestProgram(int rank, ChunkRange everything)
    {
        var program = new ProgramBuilder();
        InstructionId handedOver = program.Lane().Send(rank + 1, BufferId.Data, everything);
        program.Lane().Recv(rank + 1, BufferId.Data, everything, handedOver);
        return program.Build();
    }

    public double Seconds(long bytes, CostModel model) =>
        Folds ? (2 * model.Alpha) + (2 * bytes * model.Beta) + (bytes * model.Gamma) : 0;
}

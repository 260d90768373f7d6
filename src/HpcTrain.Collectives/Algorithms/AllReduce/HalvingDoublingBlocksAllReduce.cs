using System.Numerics;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Recursive halving and doubling in blocks of powers of two (binary blocks), without a fold.</summary>
internal static class HalvingDoublingBlocksAllReduce
{
    // Idea. The rank count is a sum of powers of two, and each of them a block of neighbouring ranks: 13 = 8 + 4 + 1. Every block halves by itself,
    // until each of its members holds one share of the block's sum. From the smallest block up, the members hand their shares to the next larger
    // block, where shares are shorter: each piece goes to the member that holds it there and is reduced. The largest block ends with the sum of
    // all; results go down the blocks the same way, and every block doubles by itself. The smaller blocks have fewer steps of their own, so that
    // their hand-overs cost one step more in all, and unlike a fold no rank ever sends the whole buffer while others wait.
    // Cost. (2 lg P + 1) alpha + 2 bytes beta + bytes gamma at best, P the largest block. A member of a block of b that hands over to one of B sends
    // B/b messages with 1/b of the buffer. The closed form follows the blocks and counts hand-overs as far as they come after the larger block's own
    // halving, one after the other; an executor that streams segments overlaps more.
    // Wins for middle and long buffers on rank counts that are no powers of two.
    // Source: Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005).
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllReduce, "halving-doubling-blocks", Create, Seconds,
            "(2 lg P + 1)α + 2nβ + nγ at best, P ≤ p a power of two; B/b α + n/b β more where a block of B waits for one of b")
        {
            Aliases = ["binary-blocks", "hd-blocks"],
            WinsFor = "middle and long buffers, rank counts that are no powers of two",
        };

    private static Schedule Create(ScheduleSpec spec) =>
        ProgramWriter.MakeSchedule(spec, "halving-doubling-blocks", Schedule.EqualChunks(1 << BitOperations.Log2((uint)spec.Ranks)),
            (program, rank) => Write(program, rank, spec.Ranks));

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        // From the smallest block to the largest: when its shares are complete. The way down is the same without reductions.
        double up = 0, down = 0;
        int smaller = 0;
        for (Block? block = Block.Of(spec.Ranks - 1, spec.Ranks); block is { } here; block = here.Larger(spec.Ranks))
        {
            double rounds = BitOperations.Log2((uint)here.Size) * model.Alpha;
            double traffic = (double)(here.Size - 1) / here.Size * bytes;
            double share = (double)bytes / here.Size;
            double handOver = smaller == 0 ? 0 : (here.Size / smaller * model.Alpha) + ((double)bytes / smaller * model.Beta);
            up = Math.Max(rounds + (traffic * (model.Beta + model.Gamma)), up + handOver) + (smaller == 0 ? 0 : share * model.Gamma);
            down = Math.Max(rounds + (traffic * model.Beta), down + handOver);
            smaller = here.Size;
        }

        return up + down;
    }

    private static void Write(ProgramWriter program, int rank, int ranks)
    {
        Block block = Block.Of(rank, ranks)!.Value;
        int largest = 1 << BitOperations.Log2((uint)ranks);
        int member = rank - block.Start;
        Exchange[] exchanges = Exchange.Steps(member, block.Size, nearestFirst: true, other => block.Start + other, block.Chunks(largest));
        var halving = new HalvingLanes(program, exchanges);
        halving.ReduceScatter();

        // This share is a piece of a share of the next smaller block.
        int share = block.ShareOf(member);
        ChunkRange own = block.Chunks(largest)(share);
        int giver = block.Smaller(ranks) is { } smaller ? smaller.Start + smaller.MemberWith(share / (block.Size / smaller.Size)) : -1;
        if (giver >= 0)
            program.Lane().RecvReduce(giver, own);
        PassThroughLarger(program, block, share, ranks, largest);
        if (giver >= 0)
            program.Lane().Send(giver, own);
        halving.AllGather();
    }

    /// <summary>Hands a share over to the next larger block, piece by piece, and takes the result back.</summary>
    private static void PassThroughLarger(ProgramWriter program, Block block, int share, int ranks, int largest)
    {
        if (block.Larger(ranks) is not { } larger)
            return;
        int pieces = larger.Size / block.Size;
        for (int piece = share * pieces; piece < (share + 1) * pieces; piece++)
            program.Lane().Send(larger.Start + larger.MemberWith(piece), larger.Chunks(largest)(piece));
        for (int piece = share * pieces; piece < (share + 1) * pieces; piece++)
            program.Lane().Recv(larger.Start + larger.MemberWith(piece), larger.Chunks(largest)(piece));
    }

    /// <summary>A block of neighbouring ranks; the largest comes first.</summary>
    private readonly record struct Block(int Start, int Size)
    {
        public static Block? Of(int rank, int ranks)
        {
            if ((uint)rank >= (uint)ranks)
                return null;
            int start = 0, size = 1 << BitOperations.Log2((uint)ranks);
            while (rank >= start + size)
            {
                start += size;
                size = 1 << BitOperations.Log2((uint)(ranks - start));
            }

            return new(start, size);
        }

        public Block? Larger(int ranks) => Of(Start - 1, ranks);

        public Block? Smaller(int ranks) => Of(Start + Size, ranks);

        /// <summary>The share that a member is left with after halving with the nearest first: its number with the bits reversed.</summary>
        public int ShareOf(int member)
        {
            int share = 0;
            for (int bit = 1; bit < Size; bit *= 2)
                share = (2 * share) + ((member & bit) != 0 ? 1 : 0);
            return share;
        }

        /// <summary>The member that is left with a share.</summary>
        public int MemberWith(int share) => ShareOf(share);

        /// <summary>The chunks of a run of this block's shares.</summary>
        public Func<ChunkRange, ChunkRange> Chunks(int all)
        {
            int each = all / Size;
            return shares => new(shares.First * each, shares.Count * each);
        }
    }
}

namespace HpcTrain.Collectives.Algorithms;

/// <summary>The ring: reduce-scatter, then allgather, each message to the next rank.</summary>
internal static class RingAllReduce
{
    // Idea. The buffer has one chunk per rank. In the reduce-scatter, chunk c starts its way at rank c; each rank receives it
    // from its left neighbour, adds its own contribution and passes it on, so that after n-1 steps rank c-1 holds the whole sum
    // of chunk c. In the allgather the finished chunks go round once more. All ranks work in every step, on different chunks,
    // and every link carries 2(n-1)/n of the buffer, the least that any allreduce can do.
    // Cost. 2(n-1) alpha + 2 (n-1)/n bytes beta + (n-1)/n bytes gamma.
    // Wins for long buffers, for rank counts that are not powers of two, and where only neighbours have good links.
    // Source: Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", JPDC 69 (2009).
    public static Algorithm Algorithm { get; } = new(CollectiveKind.AllReduce, "ring", Create, Seconds, "2(p-1)α + 2(p-1)/p nβ + (p-1)/p nγ")
    {
        WinsFor = "long buffers, any rank count, links between neighbours only",
    };

    private static Schedule Create(ScheduleSpec spec) =>
        ProgramWriter.MakeSchedule(spec, "ring", Schedule.EqualChunks(spec.Ranks), (program, rank) =>
        {
            // The block that ends at a rank is the chunk with the next number.
            ChunkRange ChunkAfter(int block) => (block + 1) % spec.Ranks;
            var ring = new Ring(program, rank, spec.Ranks);
            ring.ReduceScatter(ChunkAfter);
            ring.AllGather(ChunkAfter);
        });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        double share = (double)(spec.Ranks - 1) / spec.Ranks * bytes;
        return (2 * (spec.Ranks - 1) * model.Alpha) + (2 * share * model.Beta) + (share * model.Gamma);
    }
}

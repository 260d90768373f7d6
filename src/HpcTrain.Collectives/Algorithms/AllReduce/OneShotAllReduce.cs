namespace HpcTrain.Collectives.Algorithms;

/// <summary>Everyone sends everything to everyone, and each reduces everything itself.</summary>
internal static class OneShotAllReduce
{
    // Idea. One hop: each rank receives the whole buffers of all others into scratch memory and folds them in the order of ranks, 0 op 1 op 2 ...,
    // its own contribution in its place. All ranks do the very same operations, so all have the same bits, payloads of NaNs included. The fold
    // grows in rank 0's buffer (a scratch buffer, on other ranks), and is copied to data once the own contribution has been sent and folded.
    // Cost. alpha + (p-1) bytes (beta + gamma) where a rank's links work side by side; the closed form counts (p-1) alpha.
    // Wins for very short buffers on few ranks: a single step, whatever their number.
    // Source: Shah et al., "MSCCL++: rethinking GPU communication abstractions", 2025: all-pairs in one phase, for a few KiB inside a node.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllReduce, "one-shot", Create, Seconds, "(p-1)(α + nβ + nγ), with 1α over links side by side")
        {
            Aliases = ["oneshot"],
            WinsFor = "very short buffers, few ranks",
            Unusable = AllPairs.TooMany,
        };

    private static Schedule Create(ScheduleSpec spec) => ProgramWriter.MakeSchedule(spec, "one-shot", Schedule.EqualChunks(1), (program, rank) =>
    {
        var pairs = new AllPairs(program, rank, spec.Ranks);
        pairs.Exchange(own: 0, theirs: _ => 0, toScratch: true);

        LaneWriter fold = program.Lane();
        BufferId sum = BufferOf(0);
        for (int next = 1; next < spec.Ranks; next++)
            fold.Reduce(BufferOf(next), sum, 0);
        if (sum != BufferId.Data)
            fold.Copy(sum, BufferId.Data, 0);

        BufferId BufferOf(int contributor) => contributor == rank ? BufferId.Data : pairs.ScratchOf(contributor);
    });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (spec.Ranks - 1) * (model.Alpha + (bytes * (model.Beta + model.Gamma)));
}

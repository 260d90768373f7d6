namespace HpcTrain.Collectives.Algorithms;

/// <summary>Two rings in opposite directions, each with half of the buffer.</summary>
internal static class BidirectionalRingAllReduce
{
    // Idea. A ring uses the link from each rank to the next, and leaves the link back idle. Here one ring carries the first half of the chunks to
    // the right on channel 0, and another the second half to the left on channel 1, at the same time. Where both directions of both links of a rank
    // work side by side, every link carries half of what it would carry in one ring.
    // Cost. 2(p-1) alpha + (p-1)/p bytes beta + 1/2 (p-1)/p bytes gamma over such links. Through a single port that sends one message at a time: the
    // ring's traffic in twice as many messages, which is what the closed form counts.
    // Wins for long buffers on tori and rings of point-to-point links.
    // Source: Jain and Sabharwal, "Optimal bucket algorithms for large MPI collectives on torus interconnects", ICS 2010.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllReduce, "bidirectional-ring", Create, Seconds, "4(p-1)α + 2(p-1)/p nβ + (p-1)/p nγ, half of it over links that work side by side")
        {
            Aliases = ["bi-ring", "double-ring"],
            Channels = 2,
            WinsFor = "long buffers on links to both neighbours that work side by side",
        };

    private static Schedule Create(ScheduleSpec spec) =>
        ProgramWriter.MakeSchedule(spec, "bidirectional-ring", Schedule.EqualChunks(2 * spec.Ranks), (program, rank) =>
        {
            int ranks = spec.Ranks;
            var right = new Ring(program, rank, ranks, direction: 1, channel: 0);
            var left = new Ring(program, rank, ranks, direction: -1, channel: 1);
            right.ReduceScatter(block => block);
            left.ReduceScatter(block => ranks + block);
            right.AllGather(block => block);
            left.AllGather(block => ranks + block);
        });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        double share = (double)(spec.Ranks - 1) / spec.Ranks * bytes;
        return (4 * (spec.Ranks - 1) * model.Alpha) + (2 * share * model.Beta) + (share * model.Gamma);
    }
}

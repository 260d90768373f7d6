using System.Collections.Immutable;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Two rings in opposite directions, each with half of every block.</summary>
internal static class BidirectionalRingAllGather
{
    // Idea. A ring leaves the link back from each rank to the one before idle. Here the first half of every block goes round to the right on channel
    // 0, and the second half to the left on channel 1, at the same time.
    // Cost. (p-1) alpha + 1/2 (p-1)/p bytes beta over links that work side by side. Through a single port: the ring's traffic in twice as many
    // messages, which is what the closed form counts.
    // Wins for long buffers on tori and rings of point-to-point links.
    // Source: Jain and Sabharwal, "Optimal bucket algorithms for large MPI collectives on torus interconnects", ICS 2010.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllGather, "bidirectional-ring", Create, Seconds, "2(p-1)α + (p-1)/p nβ, half of it over links that work side by side")
        {
            Aliases = ["bi-ring", "double-ring"],
            Channels = 2,
            WinsFor = "long buffers on links to both neighbours that work side by side",
        };

    private static Schedule Create(ScheduleSpec spec)
    {
        ImmutableArray<Chunk> halves = [.. Enumerable.Range(0, 2 * spec.Ranks).Select(half => new Chunk(1, half / 2))];
        return ProgramWriter.MakeSchedule(spec, "bidirectional-ring", halves, (program, rank) =>
        {
            new Ring(program, rank, spec.Ranks, direction: 1, channel: 0).AllGather(block => 2 * block);
            new Ring(program, rank, spec.Ranks, direction: -1, channel: 1).AllGather(block => (2 * block) + 1);
        });
    }

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (spec.Ranks - 1) * ((2 * model.Alpha) + ((double)bytes / spec.Ranks * model.Beta));
}

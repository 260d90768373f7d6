namespace HpcTrain.Collectives.Algorithms;

/// <summary>All pairs at once.</summary>
internal static class DirectAllToAll
{
    // Idea. Every rank sends each block straight to its target, all at once, each message on a lane of its own so that none blocks another.
    // Why nothing here takes fewer messages: blocks for one target come from p sources, and no two of them are neighbours among the chunks. So
    // every rank receives at least p-1 messages, whatever way they come, and algorithms that pass blocks on to save messages (Bruck's) save none;
    // only which links they take can change, see ByNodeAllToAll.
    // Cost. n is what one rank sends and keeps: (p-1) alpha + (p-1)/p n beta; 1 alpha where a rank's links work side by side.
    // Wins for all blocks inside a node, and wherever the network takes p(p-1) messages at once.
    // Source: textbook; Open MPI calls it linear.
    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllToAll, "direct", Create, Seconds, "(p-1)α (1α over links side by side) + (p-1)/p nβ, n one rank's data")
        {
            Aliases = ["linear", "all-pairs"],
            WinsFor = "short blocks, and all inside a node",
        };

    private static Schedule Create(ScheduleSpec spec) =>
        ProgramWriter.MakeSchedule(spec, "direct", Schedule.PairChunks(spec.Ranks), (program, rank) =>
        {
            for (int peer = 0; peer < spec.Ranks; peer++)
            {
                if (peer == rank)
                    continue;
                program.Lane().Send(peer, (rank * spec.Ranks) + peer);
                program.Lane().Recv(peer, (peer * spec.Ranks) + rank);
            }
        });

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model) =>
        (spec.Ranks - 1) * (model.Alpha + ((double)bytes / spec.Ranks / spec.Ranks * model.Beta));
}

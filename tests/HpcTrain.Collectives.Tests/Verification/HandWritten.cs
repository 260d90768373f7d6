namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>Makes small schedules by hand, and expects the verifier to refuse them.</summary>
internal static class HandWritten
{
    public static Schedule AllToAll(Action<ProgramBuilder, int> write) =>
        new(CollectiveKind.AllToAll, "by-hand", 3, Schedule.PairChunks(3), rank =>
        {
            var program = new ProgramBuilder();
            write(program, rank);
            return program.Build();
        });

    public static Schedule TwoRanks(Action<ProgramBuilder, int> write) =>
        Make(2, 1, CollectiveKind.AllReduce, (program, rank) => write(program, 1 - rank));

    public static Schedule Broadcast(int ranks, Action<ProgramBuilder, int> write) => Make(ranks, 1, CollectiveKind.Broadcast, write, root: 0);

    public static Schedule Make(int ranks, int chunks, CollectiveKind kind, Action<ProgramBuilder, int> write, int? root = null) =>
        new(kind, "by-hand", ranks, kind.HasOwners() ? Schedule.OwnedChunks(chunks) : Schedule.EqualChunks(chunks), rank =>
        {
            var program = new ProgramBuilder();
            write(program, rank);
            return program.Build();
        }, root);

    public static void Refuse(Schedule schedule, string message) =>
        Assert.That(() => ScheduleVerifier.Verify(schedule), Throws.TypeOf<ScheduleException>().With.Message.Contains(message));
}

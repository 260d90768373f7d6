namespace HpcTrain.Collectives.Verification;

/// <summary>Builds the one-sentence errors of verification, which all name schedule, rank, lane and instruction.</summary>
internal static class Fault
{
    public static ScheduleException At(Schedule schedule, int rank, InstructionId id, string what) =>
        At(schedule, rank, id, schedule.Program(rank)[id], what);

    public static ScheduleException At(Schedule schedule, int rank, InstructionId id, Instruction instruction, string what) =>
        new($"Schedule '{schedule.Algorithm}' on {schedule.Ranks} ranks: rank {rank}, lane {id.Lane}, instruction {id.Instruction} ({instruction}) {what}.",
            rank, id.Lane, id.Instruction);

    public static ScheduleException At(Schedule schedule, int rank, string what) =>
        new($"Schedule '{schedule.Algorithm}' on {schedule.Ranks} ranks: rank {rank} {what}.", rank, null, null);

    /// <summary>A list of ranks that stays readable when there are many: <c>1, 2, 3 and 40 more</c>.</summary>
    public static string Ranks(IReadOnlyList<int> ranks)
    {
        const int Shown = 8;
        string list = string.Join(", ", ranks.Take(Shown));
        return (ranks.Count == 1 ? "rank " : "ranks ") + list + (ranks.Count > Shown ? $" and {ranks.Count - Shown} more" : "");
    }
}

namespace HpcTrain.Pipelines.Checking;

/// <summary>Builds the one-sentence errors of the checker, which all name schedule, rank and action.</summary>
internal static class CheckFault
{
    public static PipelineException At(PipelineSchedule schedule, int rank, int action, string what) =>
        new($"Schedule '{schedule.Name}' on {PipelineSpec.Count(schedule.Stages, "rank")}: {Place(schedule, rank, action)} {what}.", rank, action);

    public static PipelineException At(PipelineSchedule schedule, int rank, string what) =>
        new($"Schedule '{schedule.Name}' on {PipelineSpec.Count(schedule.Stages, "rank")}: rank {rank} {what}.", rank, null);

    public static string Place(PipelineSchedule schedule, int rank, int action) => $"rank {rank}, action {action} ({schedule.Programs[rank][action]})";
}

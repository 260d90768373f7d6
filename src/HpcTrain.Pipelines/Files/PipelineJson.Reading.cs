using System.Collections.Immutable;
using HpcTrain.Pipelines.Files;

namespace HpcTrain.Pipelines;

/// <content>Reading.</content>
public static partial class PipelineJson
{
    /// <summary>Reads a schedule. Its form is checked, not what it does: see <see cref="PipelineChecker"/>.</summary>
    /// <exception cref="PipelineException">It is not JSON or not a schedule; the message names the place.</exception>
    public static PipelineSchedule FromJson(string json) => JsonPlace.Read(json, "The schedule", Format, Version, ReadSchedule);

    /// <summary>Reads a schedule from a file and checks it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">What ranks may keep; null: no limit.</param>
    /// <exception cref="PipelineException">There is no such file, it is not a schedule, or the schedule is wrong.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static PipelineSchedule Load(string path, ActivationLimit? limit = null) => InputFile.Read("pipeline schedule", path, text =>
    {
        PipelineSchedule schedule = FromJson(text);
        PipelineChecker.Check(schedule, limit);
        return schedule;
    });

    private static PipelineSchedule ReadSchedule(JsonPlace file)
    {
        file.CheckNames("format", "version", "name", "purpose", "micro_batches", "placement", "programs");
        return new(
            file["name"].Text(), file.Optional("purpose") is { } purpose ? ReadPurpose(purpose) : PipelinePurpose.Training, file["micro_batches"].Integer(),
            [.. file["placement"].Items().Select(rank => rank.Integer())], [.. file["programs"].Items().Select(ReadProgram)]);
    }

    private static PipelinePurpose ReadPurpose(JsonPlace place) => Array.IndexOf(s_purposes, place.Text()) is var index and >= 0
        ? (PipelinePurpose)index : throw place.Wrong($"'{place.Text()}' is not one of {string.Join(", ", s_purposes)}");

    private static ImmutableArray<PipelineAction> ReadProgram(JsonPlace program, int rank)
    {
        program.CheckNames("rank", "actions");
        if (program["rank"].Integer() is var named && named != rank)
            throw program["rank"].Wrong($"rank {named} stands where rank {rank} should; programs are in the order of ranks");
        return [.. program["actions"].Items().Select(ReadAction)];
    }

    private static PipelineAction ReadAction(JsonPlace action)
    {
        JsonPlace what = action["do"];
        if (!ActionKinds.TryParse(what.Text(), out ActionKind kind))
            throw what.Wrong($"'{what.Text()}' is not one of {string.Join(", ", ActionKinds.Names)}");
        if (kind == ActionKind.Step)
        {
            action.CheckNames("do");
            return PipelineAction.Step;
        }

        if (kind == ActionKind.ReduceGradients)
        {
            action.CheckNames("do", "chunk");
            return PipelineAction.Reduce(action["chunk"].Integer());
        }

        action.CheckNames("do", "micro_batch", "chunk");
        return new(kind, action["micro_batch"].Integer(), action["chunk"].Integer());
    }
}

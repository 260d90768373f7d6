using HpcTrain.Pipelines.Drawings;

namespace HpcTrain.Pipelines;

/// <summary>Pipelines as SVG.</summary>
public static class PipelineDrawing
{
    /// <summary>The schedule in slots of time, as <see cref="PipelineGrid.ToGrid"/> has it: a row for each rank, a box for each computation.</summary>
    /// <param name="schedule">A schedule that has been checked.</param>
    public static string ToSvg(this PipelineSchedule schedule) => new TimeRows(PipelineSimulator.Run(schedule, PipelineCosts.Slots(schedule.Chunks)), TimeScale.Slots).Draw();

    /// <summary>A simulated schedule against time.</summary>
    public static string ToSvg(this PipelineTiming timing) => new TimeRows(timing, TimeScale.Seconds).Draw();
}

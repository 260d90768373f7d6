using System.Globalization;
using HpcTrain.Drawing;
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

/// <summary>What the time axis of a drawing counts.</summary>
internal enum TimeScale
{
    Slots,
    Seconds,
}

/// <summary>Numbers as drawings and reports write them.</summary>
internal static class Words
{
    /// <summary>A share, for example <c>27.3%</c>.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0}%");

    /// <summary>A number with at most two decimals.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A duration.</summary>
    public static string Time(double value, TimeScale scale) => scale == TimeScale.Slots ? $"{Number(value)} slots" : Unit.Seconds.Format(value);
}

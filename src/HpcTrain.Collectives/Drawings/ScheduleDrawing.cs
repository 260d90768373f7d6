using HpcTrain.Collectives.Drawings;

namespace HpcTrain.Collectives;

/// <summary>What a drawing of a schedule shows.</summary>
public enum ScheduleView
{
    /// <summary><see cref="Steps"/> where it is readable, else <see cref="Summary"/>.</summary>
    Auto,

    /// <summary>Every message: ranks as columns, steps downwards.</summary>
    Steps,

    /// <summary>Who sends how much to whom, and how much travels in each step.</summary>
    Summary,
}

/// <summary>Schedules as SVG drawings, for light and dark mode.</summary>
public static class ScheduleDrawing
{
    /// <summary>The most ranks of which every message is drawn.</summary>
    public const int MostRanksInSteps = 16;

    /// <summary>The most ranks of a summary.</summary>
    public const int MostRanks = 256;

    private const int MostSteps = 200;
    private const int MostArrivals = 16, MostReadableArrivals = 8;

    /// <summary>Draws the schedule.</summary>
    /// <param name="schedule">The schedule; it is proved first.</param>
    /// <param name="view">What is shown.</param>
    /// <param name="nodes">The nodes of its ranks, which are shown above them; null when they do not matter.</param>
    /// <exception cref="ScheduleException">The schedule is wrong, or too large for the view; the message says what to do.</exception>
    public static string ToSvg(this Schedule schedule, ScheduleView view = ScheduleView.Auto, NodeMap? nodes = null)
    {
        if (schedule.Ranks > MostRanks)
        {
            throw new ScheduleException(
                $"A drawing has room for {MostRanks} ranks, not for {schedule.Ranks}; draw the algorithm for fewer, which shows the same pattern.");
        }

        var timeline = ScheduleTimeline.Of(schedule);
        string? tooLarge = TooLargeForSteps(timeline, view == ScheduleView.Steps ? MostArrivals : MostReadableArrivals);
        if (view == ScheduleView.Steps && tooLarge != null)
            throw new ScheduleException($"{tooLarge}; draw the summary, or the algorithm for fewer ranks.");
        return view == ScheduleView.Summary || tooLarge != null ? new SummaryView(timeline).Draw() : new StepsView(timeline, nodes).Draw();
    }

    private static string? TooLargeForSteps(ScheduleTimeline timeline, int mostArrivals)
    {
        int arrivals = timeline.Transfers.GroupBy(transfer => (transfer.Step, transfer.To)).Select(group => group.Count()).DefaultIfEmpty().Max();
        int ranks = timeline.Schedule.Ranks, steps = timeline.Report.Steps;
        return ranks > MostRanksInSteps ? $"Every message can be drawn for up to {MostRanksInSteps} ranks, not for {ranks}"
            : steps > MostSteps ? $"Every message can be drawn for up to {MostSteps} steps, not for {steps}"
            : arrivals > mostArrivals ? $"Every message can be drawn where a rank receives up to {mostArrivals} in a step, not {arrivals}"
            : null;
    }
}

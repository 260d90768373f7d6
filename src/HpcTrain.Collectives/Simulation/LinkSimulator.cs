using System.Diagnostics;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Simulation;

/// <summary>Tells how long a schedule takes on given links, by going through what happens on them event by event.</summary>
public static class LinkSimulator
{
    /// <summary>Runs a schedule on links. Nothing is random: the same input gives the same result.</summary>
    /// <param name="graph">The links; ranks of the schedule are its first ranks.</param>
    /// <param name="schedule">Any schedule that is right; others may be told from right ones or not.</param>
    /// <param name="options">The buffer's length, and what the machine does besides its links.</param>
    /// <exception cref="ScheduleException">
    /// The options are not possible, there are more ranks than the graph has, messages do not match, or the schedule waits for itself for ever; the message names who waits for what.
    /// </exception>
    /// <exception cref="TopologyException">A rank cannot reach another that it sends to.</exception>
    public static SimulationResult Run(LinkGraph graph, Schedule schedule, SimulationOptions options)
    {
        options.Check();
        if (schedule.Ranks > graph.Ranks)
            throw new ScheduleException($"Schedule '{schedule.Algorithm}' is for {schedule.Ranks} ranks, but topology '{graph.Name}' has {graph.Ranks}; simulate at most {graph.Ranks}.");
        if (options.Routes is { } given && given.Graph != graph)
            throw new ScheduleException($"The given ways of messages lead through topology '{given.Graph.Name}', not through '{graph.Name}'; make them for that.");
        long start = Stopwatch.GetTimestamp();
        var run = new SimulationRun(graph, schedule, options);
        double preparation = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        run.Run();
        return run.Result(preparation, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}

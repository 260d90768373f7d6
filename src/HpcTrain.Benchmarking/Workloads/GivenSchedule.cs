using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Runs;
using HpcTrain.Topology;

namespace HpcTrain.Benchmarking.Workloads;

/// <summary>A schedule from a file of the user's, as one of the algorithms that are measured.</summary>
/// <param name="Name">What it is asked for as: no algorithm of the catalog is called so.</param>
/// <param name="Schedule">The schedule, found right.</param>
internal sealed record GivenSchedule(string Name, Schedule Schedule)
{
    /// <summary>The name of the schedule in a file.</summary>
    public static string NameOf(string path) => $"schedule:{Path.GetFileName(path)}";

    /// <summary>Reads and verifies the schedule, and finds out whether it can do what is asked.</summary>
    /// <exception cref="BenchmarkException">It cannot be read, is wrong, or is for something else.</exception>
    public static Schedule Read(string path, BenchmarkRequest request, int ranks)
    {
        Schedule schedule = Load(path, request.Topology);
        string collective = schedule.Collective.Name();
        if (!request.Collectives.Contains(schedule.Collective))
            throw new BenchmarkException($"the schedule of {path} is for {collective}, which is not among the collectives asked for; ask for {collective}");
        if (schedule.Ranks != ranks)
            throw new BenchmarkException($"the schedule of {path} is for {schedule.Ranks} ranks, but there are {ranks}; start {schedule.Ranks}, or make a schedule for {ranks}");
        if (schedule.Root is { } root && request.Root != root)
            throw new BenchmarkException($"the schedule of {path} has root {root}, but --root is {request.Root?.ToString() ?? "all"}; take --root {root}");
        return schedule;
    }

    private static Schedule Load(string path, LinkGraph? topology)
    {
        try
        {
            if (topology != null)
                LinkPlanJson.Load(path).RequireTopology(topology);
            return ScheduleFile.Load(path);
        }
        catch (Exception e) when (e is ScheduleException or TopologyException)
        {
            throw new BenchmarkException(e.Message, ExitCodes.BadData);
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw new BenchmarkException(RunException.FromIo("read the schedule", path, e).Message, ExitCodes.InputOutput);
        }
    }
}

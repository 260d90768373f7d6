using HpcTrain.Topology;

namespace HpcTrain.Collectives;

/// <summary>
/// Schedule files of any format: JSON as <see cref="ScheduleJson"/> has it, a plan for given links as <see cref="LinkPlanJson"/> has it, or MSCCL XML as
/// <see cref="MscclXml"/> has it. Their content tells which.
/// </summary>
public static class ScheduleFile
{
    /// <summary>Reads a schedule and verifies it.</summary>
    /// <exception cref="ScheduleException">There is no such file, it is not a schedule, or the schedule is wrong.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static Schedule Load(string path) => LoadWithReport(path).Schedule;

    /// <summary>Reads a schedule and verifies it, and says what was found out about it.</summary>
    /// <inheritdoc cref="Load" path="/exception"/>
    public static (Schedule Schedule, VerificationReport Report) LoadWithReport(string path)
    {
        Schedule schedule = Read(path);
        try
        {
            return (schedule, ScheduleVerifier.Verify(schedule));
        }
        catch (ScheduleException error)
        {
            throw In(path, error);
        }
    }

    /// <summary>Reads a schedule. Its form is checked, not whether it does what it says.</summary>
    /// <inheritdoc cref="Load" path="/exception"/>
    public static Schedule Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new ScheduleException(Directory.Exists(path)
                ? $"{path} is a folder, not a schedule file; name a file in it."
                : $"There is no schedule file {path}; check the path.");
        }

        string text = File.ReadAllText(path);
        try
        {
            return text.AsSpan().TrimStart() is ['<', ..] ? MscclXml.FromMsccl(text)
                : LinkPlanJson.IsPlan(text) ? PlanSchedules.Create(LinkPlanJson.Read(text, path)) : ScheduleJson.FromJson(text);
        }
        catch (TopologyException error)
        {
            throw new ScheduleException(error.Message, error); // names the file
        }
        catch (ScheduleException error)
        {
            throw In(path, error);
        }
    }

    private static ScheduleException In(string path, ScheduleException error) => new($"{path}: {error.Message}", error);
}

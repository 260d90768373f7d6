using System.Globalization;
using HpcTrain.Runs;
using HpcTrain.Slurm;

namespace HpcTrain.Cli.Submit;

/// <summary>How far the runs of a submission are, from what they write into their run folders.</summary>
internal static class RunProgress
{
    /// <summary>"step 40 of 936"; of several runs how many have finished; empty as long as there is none.</summary>
    public static string Of(Submission submission)
    {
        List<RunStatus> runs = [.. submission.RunFolders().Select(Read).OfType<RunStatus>()];
        return runs.Count switch
        {
            0 => "",
            1 when !submission.Job.IsArray && runs[0].State == RunState.Starting => "preparing model and data",
            1 when !submission.Job.IsArray => string.Create(CultureInfo.InvariantCulture, $"step {runs[0].Step} of {runs[0].Steps}{(runs[0].Attempt > 1 ? $", start {runs[0].Attempt}" : "")}")
                + (runs[0].Message is { } message ? $": {message}" : ""),
            _ => string.Create(CultureInfo.InvariantCulture, $"{runs.Count(run => run.State == RunState.Finished)} of {Math.Max(runs.Count, submission.Job.Parameters.Count)} runs finished"),
        };
    }

    private static RunStatus? Read(string folder)
    {
        try
        {
            return RunFolder.Open(folder).ReadStatus();
        }
        catch (Exception e) when (e is RunException or IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            return null;
        }
    }
}

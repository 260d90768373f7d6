using System.Globalization;
using HpcTrain.Mpi;
using HpcTrain.Slurm;

namespace HpcTrain.Cli.Info;

/// <summary>A rank's environment in one line, so that the lines of many ranks stay whole.</summary>
internal static class RankText
{
    public static string Render(RankEnvironment rank)
    {
        List<string> parts =
        [
            string.Create(CultureInfo.InvariantCulture, $"rank {rank.Rank} of {rank.Size}, started by {rank.Launcher.DisplayName()}"),
            string.Create(CultureInfo.InvariantCulture, $"{rank.LocalRank} of {rank.LocalSize?.ToString(CultureInfo.InvariantCulture) ?? "?"} on {rank.Node}")
                + (rank.Neighbours is { } beside ? $", beside {string.Join(',', beside)}" : ""),
            $"nodes {string.Join(',', rank.Nodes)}",
        ];
        if (rank.VisibleGpus is { } gpus)
            parts.Add(gpus.Count == 0 ? "no GPUs" : $"GPUs {string.Join(',', gpus)}");
        if (rank.JobId is { } job)
        {
            parts.Add($"job {job}" + (rank.ArrayTask is { } task ? string.Create(CultureInfo.InvariantCulture, $", task {task}") : "")
                + (rank.Restarts > 0 ? string.Create(CultureInfo.InvariantCulture, $", start {rank.Restarts + 1}") : ""));
        }
        return string.Join("; ", parts);
    }
}

using System.Globalization;
using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Slurm;

namespace HpcTrain.Cli.Submit;

/// <summary>`hpctrain status`: submitted jobs, where they are, and how far.</summary>
internal static class StatusCommand
{
    private const string Name = "hpctrain status";
    private const int Shown = 20;

    public static int Run(string[] args)
    {
        const string Summary = "Lists submitted jobs: where they are in the queue, and how far their runs are.";
        if (OptionParser.Parse<StatusOptions>(Name, Summary, args) is not { } options)
            return ExitCodes.Ok;
        string runs = RunsFolder.Of(options.Runs);
        Submission[] all = options.Job is { } word ? [Submission.Find(runs, word)] : [.. Submission.All(runs)];
        Submission[] shown = options.All ? all : [.. all.TakeLast(Shown)];
        if (all.Length == 0)
            Console.WriteLine($"no job has been submitted from {Path.GetFullPath(runs)}");
        if (shown.Length < all.Length)
            Console.WriteLine($"{all.Length - shown.Length} older ones are not shown; --all shows them");
        foreach (Submission submission in shown)
        {
            IReadOnlyList<JobState> states = SlurmQueue.StatesOf(submission.Record!.JobId);
            string elapsed = states is [{ Elapsed.Length: > 0 } only] ? $" ({only.Elapsed})" : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{submission.Record.JobId,-8} {submission.Job.Name,-24} {submission.Record.Submitted:yyyy-MM-dd HH:mm}Z  {JobFollower.Describe(states, submission)}{elapsed}"));
            if (options.Job is null)
                continue;
            Console.WriteLine($"         {submission.Folder}");
            foreach (JobState state in states.Count > 1 ? states : [])
                Console.WriteLine($"         {state.Id,-12} {state.State,-12} {state.Elapsed,-10} {state.Nodes} {state.Reason}".TrimEnd());
        }
        return ExitCodes.Ok;
    }

    private sealed class StatusOptions : CommandOptions
    {
        [Value(0, MetaName = "JOB", HelpText = "One job, by number, name or folder, with its tasks (all jobs).")]
        public string? Job { get; set; }

        [Option("runs", MetaValue = "FOLDER", HelpText = "Where they were submitted from ($HPCTRAIN_RUNS, or runs/).")]
        public string? Runs { get; set; }

        [Option("all", HelpText = "All of them, not just the last 20.")]
        public bool All { get; set; }
    }
}

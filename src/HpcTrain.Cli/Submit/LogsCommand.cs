using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Slurm;

namespace HpcTrain.Cli.Submit;

/// <summary>`hpctrain logs`: what a submitted job says.</summary>
internal static class LogsCommand
{
    public static int Run(string[] args)
    {
        const string Summary = "Writes what a submitted job has said; with -f on until its end, whose exit code it then has.";
        if (OptionParser.Parse<LogsOptions>("hpctrain logs", Summary, args) is not { } options)
            return ExitCodes.Ok;
        Submission submission = Submission.Find(RunsFolder.Of(options.Runs), options.Job);
        var follower = new JobFollower(submission, Console.Out);
        if (options.Follow)
            return follower.Wait(showsOutput: true);
        if (submission.Outputs.Count == 0)
            Console.Error.WriteLine($"job {submission.Record!.JobId} has said nothing yet: {JobFollower.Describe(SlurmQueue.StatesOf(submission.Record.JobId), submission)}");
        follower.ShowOutput();
        return ExitCodes.Ok;
    }

    private sealed class LogsOptions : CommandOptions
    {
        [Value(0, MetaName = "JOB", Required = true, HelpText = "The job, by number, name or folder.")]
        public string Job { get; set; } = "";

        [Option('f', "follow", HelpText = "Go on until the job ends.")]
        public bool Follow { get; set; }

        [Option("runs", MetaValue = "FOLDER", HelpText = "Where it was submitted from ($HPCTRAIN_RUNS, or runs/).")]
        public string? Runs { get; set; }
    }
}

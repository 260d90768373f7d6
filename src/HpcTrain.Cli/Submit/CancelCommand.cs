using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Slurm;

namespace HpcTrain.Cli.Submit;

/// <summary>`hpctrain cancel`: ends submitted jobs.</summary>
internal static class CancelCommand
{
    public static int Run(string[] args)
    {
        const string Summary = "Takes submitted jobs out of the queue, or ends them.";
        if (OptionParser.Parse<CancelOptions>("hpctrain cancel", Summary, args) is not { } options)
            return ExitCodes.Ok;
        string[] words = [.. options.Jobs];
        if (words.Length == 0)
            throw new UsageException("JOB is missing; see hpctrain cancel --help");
        foreach (string word in words)
        {
            Submission submission = Submission.Find(RunsFolder.Of(options.Runs), word);
            // A task of an array: 17_3.
            string id = word.StartsWith($"{submission.Record!.JobId}_", StringComparison.Ordinal) ? word : submission.Record.JobId;
            if (SlurmQueue.StatesOf(id).All(state => state.HasEnded))
            {
                Console.WriteLine($"job {id} has ended already");
                continue;
            }
            SlurmQueue.Cancel(id);
            Console.WriteLine($"job {id} is cancelled");
        }
        return ExitCodes.Ok;
    }

    private sealed class CancelOptions : CommandOptions
    {
        [Value(0, MetaName = "JOB", HelpText = "The jobs, by number (of a task: 17_3), name or folder.")]
        public IEnumerable<string> Jobs { get; set; } = [];

        [Option("runs", MetaValue = "FOLDER", HelpText = "Where they were submitted from ($HPCTRAIN_RUNS, or runs/).")]
        public string? Runs { get; set; }
    }
}

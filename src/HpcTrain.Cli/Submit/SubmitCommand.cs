using System.Globalization;
using HpcTrain.CommandLine;
using HpcTrain.Runs;
using HpcTrain.Slurm;

namespace HpcTrain.Cli.Submit;

/// <summary>`hpctrain submit`: jobs into the queue, or onto this machine.</summary>
internal static class SubmitCommand
{
    private const string Name = "hpctrain submit";
    private const string Summary = "Puts a job into Slurm's queue, or runs the same job on this machine.";

    private const string Footer = """
        Examples:
          hpctrain submit jobs/FashionMnist --nodes 4 --ranks-per-node 2 --time 30 -- --epochs 5
          hpctrain submit jobs/FashionMnist --nodes 2-4 --requeue --wait            as many as are free; goes on after preemption
          hpctrain submit jobs/FashionMnist --sweep sweep.json --at-once 2          a job array: every set of parameters
          hpctrain submit jobs/FashionMnist --partition batch --sbatch mem=8G --sbatch exclusive --dry-run
          hpctrain submit jobs/FashionMnist --nodes 4 --save train.json; hpctrain submit train.json
          hpctrain submit prepare.json train.json                                   train starts when prepare has ended well
          hpctrain submit jobs/FashionMnist --ranks-per-node 2 --local              without Slurm

        What stands after -- are the job's own options. A specification's options hold unless given here. Training jobs get a run folder, and go on in it when they
        are run again. 'hpctrain status', 'logs' and 'cancel' take a job's number, name or folder.

        Exit codes: see hpctrain --help; with --wait and --local the job's own, or 7 if it was cancelled, ran into its limit or lost its node.
        """;

    public static int Run(string[] args)
    {
        int dashes = Array.IndexOf(args, "--");
        string[] ofJob = dashes < 0 ? [] : args[(dashes + 1)..];
        if (SubmitOptions.Parse(Name, Summary, dashes < 0 ? args : args[..dashes], Footer) is not { } options)
            return ExitCodes.Ok;
        string[] words = [.. options.Jobs];
        if (words.Length == 0)
            throw new UsageException($"JOB is missing; see {Name} --help");
        if (words.Length > 1 && ofJob.Length > 0)
            throw new UsageException("options after -- belong to one job, but there are several: write them into the specifications");
        string runs = RunsFolder.Of(options.Runs);
        JobSpecification[] jobs = [.. words.Select(word => SpecificationBuilder.Build(word, options, ofJob, runs))];
        if (options.Save is { } file)
            return Save(jobs, file);
        jobs = [.. jobs.Select(job => job.WithOwnRunFolder())];
        if (options.DryRun)
            return Print(jobs, runs);
        return options.Local ? RunHere(jobs) : Submit(jobs, runs, options.Wait);
    }

    private static int Save(JobSpecification[] jobs, string file)
    {
        if (jobs.Length > 1)
            throw new UsageException("--save writes one specification, but there are several jobs");
        OutputFile.Write("the specification", file, SpecificationFile.ToJson(jobs[0]));
        return ExitCodes.Ok;
    }

    private static int Print(JobSpecification[] jobs, string runs)
    {
        for (int i = 0; i < jobs.Length; i++)
        {
            if (i > 0)
                Console.WriteLine($"\n# Gets --dependency=afterok with the number of {jobs[i - 1].Name}.");
            Console.Out.Write(BatchScript.Render(jobs[i], Submission.OutputPattern(Submission.FolderOf(runs, FolderName(jobs[i])), jobs[i])));
        }
        return ExitCodes.Ok;
    }

    private static int RunHere(JobSpecification[] jobs)
    {
        foreach (JobSpecification job in jobs)
        {
            int code = LocalRun.Run(job, Console.Error.WriteLine);
            if (code != ExitCodes.Ok)
                return code;
        }
        return ExitCodes.Ok;
    }

    private static int Submit(JobSpecification[] jobs, string runs, bool waits)
    {
        List<Submission> submitted = [];
        foreach (JobSpecification job in jobs)
        {
            string[] before = submitted.Count == 0 ? [] : [submitted[^1].Record!.JobId];
            JobSpecification mine = job with { Dependency = SpecificationBuilder.After(job.Dependency, before) };
            var submission = Submission.Create(Submission.FolderOf(runs, FolderName(mine)), mine);
            submission.Submit();
            submitted.Add(submission);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"job {submission.Record!.JobId}: {mine.Name} on {mine.Nodes} {(mine.Nodes.Most == 1 ? "node" : "nodes")} with {mine.RanksPerNode} {(mine.RanksPerNode == 1 ? "rank" : "ranks")} each, in {submission.Folder}"));
        }
        return waits ? submitted.Select(submission => new JobFollower(submission, Console.Out).Wait(showsOutput: false)).FirstOrDefault(code => code != ExitCodes.Ok) : ExitCodes.Ok;
    }

    /// <summary>The name that a submission and its run folder share.</summary>
    private static string FolderName(JobSpecification job) => job.RunFolder is { } run ? Path.GetFileName(run) : Submission.NewName(job.Name);
}

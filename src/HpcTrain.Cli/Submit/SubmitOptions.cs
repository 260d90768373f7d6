using CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Submit;

internal sealed class SubmitOptions : CommandOptions
{
    [Value(0, MetaName = "JOB", HelpText = "The folder of a training job, as jobs/FashionMnist; or any program; or a specification, NAME.json. Several run one after the other, each if the one before it ended well.")]
    public IEnumerable<string> Jobs { get; set; } = [];

    [Option("nodes", MetaValue = "N", HelpText = "Nodes: 4, or 2-4 for as many as are free (1).")]
    public string? Nodes { get; set; }

    [Option("ranks-per-node", MetaValue = "N", HelpText = "Ranks on each node (1).")]
    public int? RanksPerNode { get; set; }

    [Option("cpus", MetaValue = "N", HelpText = "CPUs of each rank (1).")]
    public int? Cpus { get; set; }

    [Option("gpus", MetaValue = "N", HelpText = "GPUs of each rank (0).")]
    public int? Gpus { get; set; }

    [Option("time", MetaValue = "LIMIT", HelpText = "Time limit: minutes, or 1:30:00, or days-hours (the partition's).")]
    public string? Time { get; set; }

    [Option("partition", MetaValue = "NAME", HelpText = "Partition (the cluster's default).")]
    public string? Partition { get; set; }

    [Option("account", MetaValue = "NAME", HelpText = "Whose budget it is on (yours).")]
    public string? Account { get; set; }

    [Option("mpi", MetaValue = "openmpi|mpich|none", HelpText = "The ranks' MPI, for srun (openmpi).")]
    public string? Mpi { get; set; }

    [Option("after", MetaValue = "ID", HelpText = "Start when these jobs have ended well, separated by commas.")]
    public string? After { get; set; }

    [Option("requeue", HelpText = "When it is stopped before its end, at its time limit, by preemption or by a node that dies, put it back into the queue.")]
    public bool Requeue { get; set; }

    [Option("warning", MetaValue = "SECONDS", HelpText = "With --requeue: how long before the limit the ranks get SIGUSR2 (120).")]
    public int? Warning { get; set; }

    [Option("requeue-limit", MetaValue = "N", HelpText = "With --requeue: how often at most (10).")]
    public int? RequeueLimit { get; set; }

    [Option("sweep", MetaValue = "FILE", HelpText = "A job array with a task for each set of parameters: JSON, [{\"seed\": 1}, ...] or {\"seed\": [1, 2], \"learning-rate\": [0.01, 0.03]} for all combinations.")]
    public string? Sweep { get; set; }

    [Option("at-once", MetaValue = "N", HelpText = "With --sweep: how many tasks may run at once (all).")]
    public int? AtOnce { get; set; }

    [Option("env", MetaValue = "NAME=VALUE", HelpText = "An environment variable of the ranks; repeat for more.")]
    public string? OneVariable { get; set; }

    [Option("module", MetaValue = "NAME", HelpText = "An environment module to load first; repeat for more.")]
    public string? OneModule { get; set; }

    [Option("container", MetaValue = "KIND:IMAGE", HelpText = "Run ranks in a container: apptainer:IMAGE, singularity:IMAGE or pyxis:IMAGE.")]
    public string? Container { get; set; }

    [Option("sbatch", MetaValue = "NAME[=VALUE]", HelpText = "Any other option of sbatch, without its dashes: mem=8G, exclusive; repeat for more.")]
    public string? OneSbatch { get; set; }

    [Option("name", MetaValue = "NAME", HelpText = "The job's name (the program's).")]
    public string? Name { get; set; }

    [Option("runs", MetaValue = "FOLDER", HelpText = "Where run folders and submissions are made ($HPCTRAIN_RUNS, or runs/). All nodes must see it.")]
    public string? Runs { get; set; }

    [Option("local", HelpText = "Run it now on this machine, without Slurm.")]
    public bool Local { get; set; }

    [Option("dry-run", HelpText = "Submit nothing: print the script that sbatch would get.")]
    public bool DryRun { get; set; }

    [Option("save", MetaValue = "FILE", HelpText = "Submit nothing: write the specification as JSON, for 'hpctrain submit FILE'.")]
    public string? Save { get; set; }

    [Option("wait", HelpText = "Wait until it ends, show its progress, and end with its exit code.")]
    public bool Wait { get; set; }

    /// <summary>All values of <c>--env</c>, <c>--module</c> and <c>--sbatch</c>: CommandLineParser takes an option once, or takes the words after it, JOB too, for more of its values.</summary>
    public string[] Variables { get; private set; } = [];

    public string[] Modules { get; private set; } = [];

    public string[] Sbatch { get; private set; } = [];

    /// <summary>Reads the options; null after help was asked for.</summary>
    public static SubmitOptions? Parse(string command, string summary, string[] args, string footer)
    {
        List<string> words = [.. args];
        string[] variables = TakeAll(words, "--env"), modules = TakeAll(words, "--module"), sbatch = TakeAll(words, "--sbatch");
        if (OptionParser.Parse<SubmitOptions>(command, summary, [.. words], footer) is not { } options)
            return null;
        (options.Variables, options.Modules, options.Sbatch) = (variables, modules, sbatch);
        return options;
    }

    private static string[] TakeAll(List<string> words, string option)
    {
        List<string> values = [];
        for (int i = 0; i < words.Count;)
        {
            if (words[i] == option && i + 1 < words.Count && !words[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                values.Add(words[i + 1]);
                words.RemoveRange(i, 2);
            }
            else if (words[i].StartsWith(option + "=", StringComparison.Ordinal))
            {
                values.Add(words[i][(option.Length + 1)..]);
                words.RemoveAt(i);
            }
            else
                i++;
        }
        return [.. values];
    }
}

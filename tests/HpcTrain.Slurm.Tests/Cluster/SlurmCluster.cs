namespace HpcTrain.Slurm.Tests.Cluster;

/// <summary>A cluster of slurm/cluster, named after this process, so that runs side by side do not meet.</summary>
internal sealed class SlurmCluster(string name)
{
    private readonly string _name = $"{name}-{System.Environment.ProcessId}";

    public static string Script { get; } = Path.Combine(Command.Root, "slurm", "cluster");

    public string State => $"/tmp/slurm-cluster-{_name}";

    /// <summary>A folder that all nodes see.</summary>
    public string Shared => Path.Combine(State, "shared");

    /// <summary>The environment in which sbatch, squeue and their kin are this cluster's.</summary>
    public Dictionary<string, string?> Environment => new()
    {
        ["PATH"] = $"{State}/bin:{System.Environment.GetEnvironmentVariable("PATH")}",
        ["SLURM_CONF"] = $"{State}/etc/slurm.conf",
    };

    public string[] Words(params string[] words) => ["--name", _name, .. words];

    public Command Run(params string[] words) => Command.Run(Script, Words(words));

    /// <summary>What a command of the cluster prints; fails the test when it fails.</summary>
    public string Succeed(params string[] words)
    {
        Command run = Run(words);
        Assert.That(run.ExitCode, Is.Zero, $"cluster {string.Join(' ', words)}: {run}");
        return run.Output.Trim();
    }

    /// <summary>What a line of bash prints on a node.</summary>
    public string On(string node, string line) => Succeed("exec", node, "bash", "-c", line);

    /// <summary>Starts it, or leaves the tests out where no cluster can be.</summary>
    public void Up(params string[] words)
    {
        // Nodes do not see the machine's /tmp, and there are checkouts in it.
        string[] shares = Command.Root.StartsWith("/tmp/", StringComparison.Ordinal) ? ["--share", Command.Root] : [];
        Command run = Run(["up", .. words, .. shares]);
        if (run.ExitCode == 4)
            Assert.Ignore($"no Slurm cluster can be started here: {run.Errors.Trim()}");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
    }

    /// <summary>The processes of this machine that belong to it: all have its state folder in their environment or command line.</summary>
    public List<string> Processes() =>
    [
        .. Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Where(folder => Read(folder, "environ").Contains(State, StringComparison.Ordinal)
            || Read(folder, "cmdline").Contains(State, StringComparison.Ordinal)).Select(folder => $"{Path.GetFileName(folder)} {Read(folder, "cmdline").Replace('\0', ' ')}"),
    ];

    private static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it has ended
        }
    }
}

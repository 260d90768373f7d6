using HpcTrain.Cli.CommandLine;
using HpcTrain.Cli.Submit;

namespace HpcTrain.Slurm.Tests.Submit;

/// <summary>`hpctrain submit` where there is no Slurm, and what needs none.</summary>
internal sealed class WithoutSlurmTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hpctrain-submit-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_dry_run_prints_the_script_and_leaves_nothing()
    {
        Command run = Submit("hostname --nodes 2-4 --ranks-per-node 2 --cpus 3 --time 30 --partition batch --requeue --warning 60 --env A=1 --env B=two --sbatch mem=8G --sbatch exclusive --module hdf5 --dry-run -- --fqdn");

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        foreach (string line in new[] { "--nodes=2-4", "--ntasks-per-node=2", "--cpus-per-task=3", "--time=30", "--partition=batch", "--signal=B:USR2@60", "--requeue", "--mem=8G", "--exclusive" })
            Assert.That(run.Output.Split('\n'), Does.Contain($"#SBATCH {line}"));
        Assert.That(run.Output, Does.Contain("export A=1\nexport B=two\n").And.Contain("module load hdf5").And.Contain("srun -K --mpi=pmix --cpus-per-task=3 hostname --fqdn &"));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder), Is.Empty);
    }

    [Test]
    public void A_saved_specification_is_submitted_like_the_options_it_came_from()
    {
        string file = Path.Combine(_folder, "job.json");
        const string Options = "--nodes 3 --gpus 1 --mpi mpich --account mine --container apptainer:x.sif";
        Assert.That(Submit($"hostname {Options} --save {file} -- -f").ToString(), Is.EqualTo("exit code 0\n\n"));
        string direct = Submit($"hostname {Options} --dry-run -- -f").Output, saved = Submit($"{file} --nodes 5 --dry-run").Output;
        Assert.That(WithoutTime(saved), Is.EqualTo(WithoutTime(direct).Replace("--nodes=3", "--nodes=5", StringComparison.Ordinal)), "options win");
        Assert.That(saved, Does.Contain("--account=mine").And.Contain("srun -K --mpi=pmi2 --cpus-per-task=1 --gpus-per-task=1 apptainer exec --nv x.sif hostname -f"));

        static string WithoutTime(string script) => string.Join('\n', script.Split('\n').Where(line => !line.Contains("--output=", StringComparison.Ordinal)));
    }

    [Test]
    public void The_same_job_runs_on_this_machine_with_its_parameters_one_after_the_other()
    {
        if (LaunchersHere().Count == 0)
            Assert.Ignore("no mpirun is installed");
        string sweep = Path.Combine(_folder, "sweep.json"), program = Path.Combine(_folder, "say");
        File.WriteAllText(sweep, """{"seed": [1, 2]}""");
        File.WriteAllText(program, "#!/bin/bash\necho \"$GREETING ${OMPI_COMM_WORLD_SIZE:-$PMI_SIZE} $*\"\n[ \"$*\" != '--last --seed 1' ] || exit 9\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Command run = Submit($"{program} --local --nodes 2 --time 5 --sweep {sweep} --env GREETING=hello -- --last");

        Assert.That(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("hello", StringComparison.Ordinal)).Distinct(),
            Is.EqualTo(["hello 2 --last --seed 1", "hello 2 --last --seed 2"]), run.ToString());
        Assert.That(run.ExitCode, Is.EqualTo(9), "the first that failed");
        Assert.That(run.Errors, Does.Contain("say runs on this machine, without nodes of its own, its time limit").And.Contain("task 1 of 2: --seed 2"));
    }

    [TestCase("hostname --sbatch exlusive", 2, "sbatch has no option --exlusive; the nearest are --exclusive")]
    [TestCase("hostname", 4, "sbatch is not in PATH: log in to a Slurm cluster or load its module; without Slurm, 'hpctrain submit --local' runs the same job on this machine")]
    public void A_mistake_is_told_in_a_sentence_and_leaves_nothing(string words, int exitCode, string sentence)
    {
        Command run = Submit(words);
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.ToString());
        Assert.That(run.Errors, Does.StartWith("hpctrain: ").And.Contain(sentence));
        Assert.That(run.Errors.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder), Is.Empty);
    }

    [TestCase("hostname --sbatch nodes=3", 2, "the specification's own 'nodes': say it there")]
    [TestCase("hostname --nodes 4-2", 2, "'4-2' is no number of nodes")]
    [TestCase("hostname --node 4", 2, "did you mean --nodes?")]
    [TestCase("hostname --warning 5", 2, "belong to --requeue")]
    [TestCase("hostname --after 17,x", 2, "--after is 'x'")]
    [TestCase("hostname --mpi lam", 2, "it must be openmpi, mpich or none")]
    [TestCase("hostname --env A", 2, "it must be NAME=VALUE")]
    [TestCase("hostname --env", 2, "--env needs a value")]
    [TestCase("no-such-program", 2, "there is no job 'no-such-program': neither")]
    [TestCase("missing.json", 3, "the specification missing.json cannot be read")]
    [TestCase("/tmp", 2, "it has 0 projects (*.csproj) and must have one")]
    [TestCase("hostname hostname -- -f", 2, "belong to one job, but there are several")]
    [TestCase("", 2, "JOB is missing")]
    public void A_mistake_on_the_command_line_is_told(string words, int exitCode, string sentence)
    {
        Exception? mistake = Assert.Catch(() => SubmitCommand.Run(words.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.That(mistake!.Message, Does.Contain(sentence));
        Assert.That(ErrorReport.CodeOf(mistake), Is.EqualTo(exitCode));
    }

    /// <summary>Without Slurm's commands, whether they are installed or not.</summary>
    private Command Submit(string words)
    {
        string bin = Directory.CreateTempSubdirectory("hpctrain-bin-").FullName;
        try
        {
            foreach (string command in new[] { "hostname", "bash", "sh", "ssh", "env", "mpirun.openmpi", "mpirun", "mpirun.mpich", "mpiexec.hydra", "hydra_pmi_proxy", "orted", "orterun" })
            {
                if (File.Exists($"/usr/bin/{command}"))
                    File.CreateSymbolicLink(Path.Combine(bin, command), $"/usr/bin/{command}");
            }
            return Command.Run(Command.Hpctrain, ["submit", .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
                new Dictionary<string, string?> { ["PATH"] = bin, ["HPCTRAIN_RUNS"] = _folder });
        }
        finally
        {
            Directory.Delete(bin, recursive: true);
        }
    }

    private static IReadOnlyList<HpcTrain.Mpi.MpiFlavor> LaunchersHere() => HpcTrain.Mpi.LocalLauncher.AvailableFlavors();
}
